namespace Cachet;

/// <summary>Lookups of decorated HybridCaches that are under way, by key: how a call on a decorated second level that comes without any context finds the
/// operation that it is for.</summary>
/// <remarks>Bounded: of more keys at once than it holds, the rest is not found. In parts, so that cores seldom share a lock.</remarks>
internal static class OperationsInFlight
{
    private const int KeysPerPart = 1_024;

    private static readonly Part[] _parts = [.. Enumerable.Range(0, 16).Select(static _ => new Part())];

    public static void Add(HybridOperation operation) => PartOf(operation.Key!).Add(operation);

    public static void Remove(HybridOperation operation) => PartOf(operation.Key!).Remove(operation);

    /// <summary>The operation on a key that has been under way for longest: it leads, the others wait for it. One of the cache of that name before others.
    /// </summary>
    public static HybridOperation? Of(string cache, string key) => PartOf(key).Find(cache, key);

    private static Part PartOf(string key) => _parts[(uint)key.GetHashCode(StringComparison.Ordinal) % _parts.Length];

    private sealed class Part
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, LinkedList<HybridOperation>> _operations = new(StringComparer.Ordinal);

        public void Add(HybridOperation operation)
        {
            lock (_gate)
            {
                if (!_operations.TryGetValue(operation.Key!, out LinkedList<HybridOperation>? ofKey))
                {
                    if (_operations.Count >= KeysPerPart) return;
                    _operations[operation.Key!] = ofKey = [];
                }

                operation.Place = ofKey.AddLast(operation);
            }
        }

        public void Remove(HybridOperation operation)
        {
            lock (_gate)
            {
                if (operation.Place?.List is not { } ofKey) return;
                ofKey.Remove(operation.Place);
                if (ofKey.Count == 0) _operations.Remove(operation.Key!);
            }
        }

        public HybridOperation? Find(string cache, string key)
        {
            lock (_gate)
            {
                if (!_operations.TryGetValue(key, out LinkedList<HybridOperation>? ofKey)) return null;
                return ofKey.FirstOrDefault(o => o.Decoration.Cache.Name == cache) ?? ofKey.First!.Value;
            }
        }
    }
}
