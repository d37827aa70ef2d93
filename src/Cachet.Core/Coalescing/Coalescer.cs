using System.Collections.Concurrent;

namespace Cachet;

/// <summary>The flights under way of one kind, one per key.</summary>
/// <param name="create">Makes a flight that can be abandoned, or not.</param>
internal sealed class Coalescer<TKey, TFlight>(Func<bool, TFlight> create)
    where TKey : notnull
    where TFlight : Flight
{
    private readonly ConcurrentDictionary<TKey, TFlight> _flights = new();

    public int Count => _flights.Count;

    /// <summary>Joins the key's flight, if there is one.</summary>
    public TFlight? TryBoard(TKey key) =>
        _flights.TryGetValue(key, out TFlight? flight) && flight.TryBoard() ? flight : null;

    /// <summary>The key's flight, without joining it.</summary>
    public TFlight? Find(TKey key) => _flights.GetValueOrDefault(key);

    /// <summary>Joins the key's flight, or starts one that the caller has to fly; whether the caller can be cancelled decides then whether all can leave
    /// it.</summary>
    public TFlight Board(TKey key, bool cancellable, out bool leads)
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

            mine ??= create(cancellable);
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
