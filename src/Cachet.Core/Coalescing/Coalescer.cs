using System.Collections.Concurrent;

namespace Cachet;

/// <summary>The flights under way of one kind, one per key.</summary>
internal sealed class Coalescer<TKey, TFlight>
    where TKey : notnull
    where TFlight : Flight
{
    private readonly ConcurrentDictionary<TKey, TFlight> _flights = new();

    public int Count => _flights.Count;

    /// <summary>The key's flight, without joining it.</summary>
    public TFlight? Find(TKey key) => _flights.GetValueOrDefault(key);

    /// <summary>Joins the key's flight, or starts one, made by <paramref name="create"/>, that the caller has to fly.</summary>
    public TFlight Board(TKey key, Func<TFlight> create, out bool leads)
    {
        leads = false;
        TFlight? mine = null;
        while (true)
        {
            if (_flights.TryGetValue(key, out TFlight? flight))
            {
                if (flight.TryBoard()) return flight;
                Remove(key, flight); // Everybody has left it.
            }

            mine ??= create();
            if (!_flights.TryAdd(key, mine)) continue;
            leads = true;
            return mine;
        }
    }

    /// <summary>Takes a flight off the table; those aboard still get its result.</summary>
    public void Remove(TKey key, TFlight flight) => _flights.TryRemove(new(key, flight));

    /// <summary>The key was written: who comes now must not get what was read before.</summary>
    public void Close(TKey key) => _flights.TryRemove(key, out _);

    /// <summary>All keys were written.</summary>
    public void CloseAll() => _flights.Clear();
}
