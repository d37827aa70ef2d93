using System.Collections.Concurrent;

namespace Cachet;

/// <summary>Whose faults of which type were reported: each pair is reported once, and so many pairs at most.</summary>
internal sealed class FaultPairs
{
    private const int Most = 1_000;

    private readonly ConcurrentDictionary<(Type Culprit, Type Fault), bool> _reported = new();

    public bool IsNew(Type culprit, Type fault) =>
        !_reported.ContainsKey((culprit, fault)) && _reported.Count < Most && _reported.TryAdd((culprit, fault), true);
}
