namespace Cachet;

/// <summary>What the followers of a flight link to: the state of its load, or else of its leader's operation, and whose state that is.</summary>
internal sealed class FlightLeader(CacheInstrumentation instrumentation, object state)
{
    /// <summary>The state as an instrumentation knows it; <see langword="null"/> if the leader's operation was not recorded by it.</summary>
    public object? StateFor(CacheInstrumentation follower) =>
        ReferenceEquals(instrumentation, follower) ? state : (instrumentation as CompositeInstrumentation)?.StateOf(follower, state);

    /// <summary>What an instrumentation is told to link to: its own state, or, of a composite, the whole, for each part to find its own in.</summary>
    public static object? LinkFor(CacheInstrumentation instrumentation, FlightLeader? leader) =>
        instrumentation is CompositeInstrumentation ? leader : leader?.StateFor(instrumentation);
}
