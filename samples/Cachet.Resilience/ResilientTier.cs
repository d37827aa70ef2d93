using Polly;

namespace Cachet.Resilience;

/// <summary>Any tier, each call of which goes through a resilience pipeline: retry, time-out, circuit breaker, or whatever else it is made of.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="tier">The tier.</param>
/// <param name="pipeline">The pipeline.</param>
/// <remarks>
/// <para>What the pipeline throws in the end (of Polly, a <c>TimeoutRejectedException</c> or <c>BrokenCircuitException</c>) is the tier's failure: the
/// cache reports it and goes on as its <see cref="TierErrorPolicy"/> says.</para>
/// <para>A get is left behind when its token fires, even where the tier does not listen. A write is not: let go, it could land after a newer one. A tier
/// whose writes hang for good needs a time-out of its own.</para>
/// </remarks>
public sealed class ResilientTier<TKey, TValue>(ICacheTier<TKey, TValue> tier, ResiliencePipeline pipeline) : ICacheTier<TKey, TValue>
    where TKey : notnull
{
    /// <inheritdoc/>
    public ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken) => pipeline.ExecuteAsync(
        static async (call, token) => await call.tier.GetAsync(call.key, token).AsTask().WaitAsync(token), (tier, key), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken) => pipeline.ExecuteAsync(
        static (call, token) => call.tier.InsertAsync(call.key, call.entry, token), (tier, key, entry), cancellationToken);

    /// <inheritdoc/>
    public ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken) => pipeline.ExecuteAsync(
        static (call, token) => call.tier.InvalidateAsync(call.key, token), (tier, key), cancellationToken);

    /// <inheritdoc/>
    public ValueTask ClearAsync(CancellationToken cancellationToken) => pipeline.ExecuteAsync(
        static (tier, token) => tier.ClearAsync(token), tier, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long?> CountAsync(CancellationToken cancellationToken) => pipeline.ExecuteAsync(
        static (tier, token) => tier.CountAsync(token), tier, cancellationToken);
}
