using System.Collections.Concurrent;

namespace Cachet;

/// <summary>The flights under way of one kind, one per key.</summary>
internal sealed class Coalescer<TKey, TValue>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Flight<TValue>> _flights = new();

    public int Count => _flights.Count;

    /// <summary>Joins the key's flight, if there is one.</summary>
    public Flight<TValue>? TryBoard(TKey key) =>
        _flights.TryGetValue(key, out Flight<TValue>? flight) && flight.TryBoard() ? flight : null;

    /// <summary>The key's flight, without joining it.</summary>
    public Flight<TValue>? Find(TKey key) => _flights.GetValueOrDefault(key);

    /// <summary>Joins the key's flight, or starts one that the caller has to fly; whether the caller can be cancelled decides then whether all can leave
    /// it.</summary>
    public Flight<TValue> Board(TKey key, bool cancellable, out bool leads)
    {
        leads = false;
        Flight<TValue>? mine = null;
        while (true)
        {
            if (_flights.TryGetValue(key, out Flight<TValue>? flight))
            {
                if (flight.TryBoard()) return flight;
                Remove(key, flight); // Everybody has left it.
            }

            mine ??= new(cancellable);
            if (!_flights.TryAdd(key, mine)) continue;
            leads = true;
            return mine;
        }
    }

    /// <summary>Takes a flight off the table; those aboard still get its result.</summary>
    public void Remove(TKey key, Flight<TValue> flight) => _flights.TryRemove(new(key, flight));

    /// <summary>The key was written: who comes now must not get what was read before.</summary>
    public void Close(TKey key) => _flights.TryRemove(key, out _);

    /// <summary>All keys were written.</summary>
    public void CloseAll() => _flights.Clear();
}
