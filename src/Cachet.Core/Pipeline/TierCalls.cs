using System.Runtime.ExceptionServices;

namespace Cachet;

/// <summary>One call on several tiers, and what becomes of its failures.</summary>
internal static class TierCalls
{
    /// <summary>Calls the first so many tiers concurrently and awaits all, in order. The calls report failures, they do not throw.</summary>
    public static async ValueTask<TierCall[]> OnEach<TKey, TValue>(
        this TierNode<TKey, TValue>[] nodes, int count, Func<TierNode<TKey, TValue>, ValueTask<TierCall>> call)
        where TKey : notnull
    {
        var calls = new TierCall[count];
        var pending = new ValueTask<TierCall>[count];
#pragma warning disable CA2012 // Each is awaited once, below.
        for (int i = 0; i < count; i++) pending[i] = call(nodes[i]);
#pragma warning restore CA2012
        for (int i = 0; i < count; i++) calls[i] = await pending[i].ConfigureAwait(false);
        return calls;
    }

    // A cancellation that the caller did not ask for (a client's time-out, say) is the tier's failure.
    public static TierCall Failed(Exception error, CancellationToken cancellationToken) =>
        new(error is OperationCanceledException && cancellationToken.IsCancellationRequested ? CacheOutcome.Cancelled : CacheOutcome.Error, error);

    public static void ThrowFirst(TierCall[] calls)
    {
        foreach (TierCall call in calls) call.ThrowIfFailed();
    }

    public static void ThrowIfFailed(this in TierCall call)
    {
        if (call.Outcome is CacheOutcome.Error or CacheOutcome.Cancelled) ExceptionDispatchInfo.Throw(call.Error!);
    }
}
