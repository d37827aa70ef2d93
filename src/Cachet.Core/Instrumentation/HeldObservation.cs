namespace Cachet;

/// <summary>An observed operation that outlives the stack frame of its call. <see langword="null"/> stands for one that nobody records.</summary>
internal sealed class HeldObservation(Observation observation)
{
    private readonly Observation _observation = observation;
    private bool _coalesced;
    private FlightLeader? _followed;

    public ref readonly Observation Observation => ref _observation;

    /// <summary>The result, value or error, came from work that another call ran.</summary>
    public void Follow(FlightLeader? leader)
    {
        _coalesced = true;
        _followed = leader;
    }

    public void Complete(CacheOutcome outcome, TierDescriptor? servedBy = null) =>
        _observation.Complete(outcome, servedBy, _observation.Now(), _coalesced, _followed, null);

    public void Fail(Exception error, CancellationToken cancellationToken)
    {
        bool cancelled = error is OperationCanceledException && cancellationToken.IsCancellationRequested;
        CacheOutcome outcome = cancelled ? CacheOutcome.Cancelled : CacheOutcome.Error;
        _observation.Complete(outcome, null, _observation.Now(), _coalesced, _followed, error);
    }
}
