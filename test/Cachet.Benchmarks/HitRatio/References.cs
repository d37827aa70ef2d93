namespace CachetBenchmarks;

/// <summary>What no cache that runs has to beat or can beat: hits that are computed from a whole stream.</summary>
internal static class References
{
    /// <summary>The most hits that are possible: what makes room is always what is asked for again last of all (Belady's rule), be it the newcomer.</summary>
    public static int Optimal(int[] stream, int capacity)
    {
        int[] next = NextRequests(stream);
        var held = new HashSet<int>(capacity);
        var latestFirst = new PriorityQueue<int, int>(); // what was asked for since stays in it, behind all that is yet to come
        int hits = 0;
        for (int i = 0; i < stream.Length; i++)
        {
            if (held.Remove(stream[i])) hits++;
            if (next[i] == int.MaxValue) continue;
            held.Add(stream[i]);
            latestFirst.Enqueue(stream[i], -next[i]);
            if (held.Count > capacity) held.Remove(latestFirst.Dequeue());
        }

        return hits;
    }

    /// <summary>Hits of the rule by the book: what makes room is always what was asked for longest ago.</summary>
    public static int LeastRecent(int[] stream, int capacity)
    {
        var held = new Dictionary<int, LinkedListNode<int>>(capacity);
        var order = new LinkedList<int>();
        int hits = 0;
        foreach (int key in stream)
        {
            if (held.TryGetValue(key, out LinkedListNode<int>? node))
            {
                hits++;
                order.Remove(node);
            }
            else if (held.Count == capacity)
            {
                node = order.First!;
                held.Remove(node.Value);
                order.RemoveFirst();
                node.Value = key;
            }

            node ??= new(key);
            order.AddLast(node);
            held[key] = node;
        }

        return hits;
    }

    /// <summary>For each request, when its key is asked for again: never is <see cref="int.MaxValue"/>.</summary>
    private static int[] NextRequests(int[] stream)
    {
        var seen = new Dictionary<int, int>();
        int[] next = new int[stream.Length];
        for (int i = stream.Length - 1; i >= 0; i--)
        {
            next[i] = seen.GetValueOrDefault(stream[i], int.MaxValue);
            seen[stream[i]] = i;
        }

        return next;
    }
}
