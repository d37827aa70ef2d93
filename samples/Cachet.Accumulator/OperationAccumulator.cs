namespace Cachet.Accumulator;

/// <summary>Gathers what happened to each operation, tier by tier, until the operation completes, and then tells it as one summary.</summary>
/// <remarks>
/// <para>One accumulator may listen to any number of caches: request ids are unique in the process. Safe for use from many threads; operations that run at
/// the same time hardly ever meet at the same lock.</para>
/// <para>Memory is bounded: of the operations under way, so many are kept, and the one that began first is forgotten when there are more. Its own line then
/// says <c>INCOMPLETE</c>, and <see cref="Forgotten"/> counts it.</para>
/// <para>A caller that is cancelled leaves at once, while the work that it began may go on for others. The tier calls of such work come too late for
/// the operation's line: they are dropped, and <see cref="Late"/> counts them.</para>
/// </remarks>
public sealed class OperationAccumulator : ICacheEventHandler
{
    private const int MostStripes = 16;
    private const int LeastPerStripe = 64;

    private readonly Action<OperationSummary> _tell;
    private readonly Stripe[] _stripes;

    /// <summary>Makes an accumulator.</summary>
    /// <param name="tell">Gets each summary, on the thread that completed the operation, several at once: hand it on and return.</param>
    /// <param name="mostUnderWay">How many operations under way are kept at most, about: the number is divided among up to 16 groups.</param>
    /// <exception cref="ArgumentNullException">There is nobody to tell.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="mostUnderWay"/> is less than 1.</exception>
    public OperationAccumulator(Action<OperationSummary> tell, int mostUnderWay = 4096)
    {
        ArgumentNullException.ThrowIfNull(tell);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostUnderWay, 1);
        _tell = tell;
        int stripes = Math.Clamp(mostUnderWay / LeastPerStripe, 1, MostStripes);
        _stripes = [.. Enumerable.Range(0, stripes).Select(_ => new Stripe(mostUnderWay / stripes))];
    }

    /// <summary>How many operations are being gathered.</summary>
    public int UnderWay => _stripes.Sum(static s => s.UnderWay);

    /// <summary>How many operations were forgotten because too many were under way.</summary>
    public long Forgotten => _stripes.Sum(static s => s.Forgotten);

    /// <summary>How many tier calls ended after their operation had completed.</summary>
    public long Late => _stripes.Sum(static s => s.Late);

    /// <inheritdoc/>
    public void OnTierEvent(in CacheTierEvent tierEvent)
    {
        // 0 is no operation's id: a tier cleaning up in the background.
        if (tierEvent.RequestId == 0) _tell(OperationSummary.OfMaintenance(in tierEvent));
        else StripeOf(tierEvent.RequestId).Add(in tierEvent);
    }

    /// <inheritdoc/>
    public void OnOperationComplete(in CacheOperationEvent operationEvent) =>
        _tell(StripeOf(operationEvent.RequestId).Complete(in operationEvent));

    // Threads draw their ids in sequence, so each goes round all stripes.
    private Stripe StripeOf(long requestId) => _stripes[(int)((ulong)requestId % (ulong)_stripes.Length)];
}
