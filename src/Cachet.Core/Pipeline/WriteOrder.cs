using System.Collections.Concurrent;

namespace Cachet;

/// <summary>Puts overlapping writes of one key in order, so that all tiers end with the same one. Writes of different keys never wait for each
/// other.</summary>
internal sealed class WriteOrder<TKey>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Turn> _last = new();

    public int Count => _last.Count;

    /// <summary>Waits for the writes of the key that came before.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the turn is passed on when it comes.</exception>
    public async ValueTask<Turn> EnterAsync(TKey key, CancellationToken cancellationToken)
    {
        var mine = new Turn();
        if (Enqueue(key, mine) is not { } before) return mine;
        try
        {
            await before.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = PassOnAsync(before, key, mine);
            throw;
        }

        return mine;
    }

    /// <summary>Takes a turn if nobody came before, and waits for nobody.</summary>
    public Turn? TryEnter(TKey key)
    {
        var mine = new Turn();
        return _last.TryAdd(key, mine) ? mine : null;
    }

    public void Leave(TKey key, Turn mine)
    {
        _last.TryRemove(new(key, mine));
        mine.TrySetResult();
    }

    private Turn? Enqueue(TKey key, Turn mine)
    {
        while (true)
        {
            if (_last.TryGetValue(key, out Turn? before))
            {
                if (_last.TryUpdate(key, mine, before)) return before;
            }
            else if (_last.TryAdd(key, mine))
            {
                return null;
            }
        }
    }

    private async Task PassOnAsync(Turn before, TKey key, Turn mine)
    {
        await before.Task.ConfigureAwait(false);
        Leave(key, mine);
    }

    internal sealed class Turn() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
}
