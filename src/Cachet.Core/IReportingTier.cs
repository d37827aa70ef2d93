namespace Cachet;

/// <summary>What a tier offers beside <see cref="ICacheTier{TKey, TValue}"/> if it knows serialized sizes, or can refuse a payload softly.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>The cache calls these in place of <see cref="ICacheTier{TKey, TValue}.GetAsync"/> and
/// <see cref="ICacheTier{TKey, TValue}.InsertAsync"/>; what they tell reaches events, spans and metrics.</remarks>
public interface IReportingTier<TKey, TValue>
    where TKey : notnull
{
    /// <summary>As <see cref="ICacheTier{TKey, TValue}.GetAsync"/>, with the payload's size and whether it was refused.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Fires when nobody waits for the answer any more.</param>
    /// <returns>What was found.</returns>
    ValueTask<TierReadResult<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken);

    /// <summary>As <see cref="ICacheTier{TKey, TValue}.InsertAsync"/>, with the payload's size.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The entry, stamped with when it was cached.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What became of it.</returns>
    ValueTask<TierWriteResult> WriteAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken);
}

/// <summary>What a read of an <see cref="IReportingTier{TKey, TValue}"/> came to. The default is a miss.</summary>
/// <typeparam name="TValue">The type of the values.</typeparam>
public readonly record struct TierReadResult<TValue>
{
    /// <summary>The entry, fresh or not; <see langword="null"/> if there is none, or it was refused.</summary>
    public CacheEntry<TValue>? Entry { get; init; }

    /// <summary>What the store holds, in bytes, where there was anything.</summary>
    public long? SerializedSize { get; init; }

    /// <summary>Whether there was a payload that could not be read: corrupt, foreign, truncated, or of a newer version. The cache reports
    /// <see cref="CacheOutcome.Invalid"/> and goes on as after a miss.</summary>
    public bool Undecodable { get; init; }

    /// <summary>What the serializer threw, if it was the one that refused.</summary>
    public Exception? DecodeError { get; init; }
}

/// <summary>What a write of an <see cref="IReportingTier{TKey, TValue}"/> came to.</summary>
public readonly record struct TierWriteResult
{
    /// <summary>Whether the tier took the entry.</summary>
    public InsertOutcome Outcome { get; init; }

    /// <summary>What the store holds, in bytes; of an entry that was too large for the tier, what it would have held.</summary>
    public long? SerializedSize { get; init; }
}
