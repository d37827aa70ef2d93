using System.Threading.Channels;
using Cachet.Testing;

namespace Cachet.Accumulator;

/// <summary>A short life of a two-tier cache, told by an accumulator: one line per operation.</summary>
internal sealed class Story : IAsyncDisposable
{
    private static readonly TimeSpan _loadTakes = TimeSpan.FromMilliseconds(20);

    private readonly Action<string> _print;
    private readonly StoryClock _clock = new();
    private readonly Channel<OperationSummary> _summaries = Channel.CreateUnbounded<OperationSummary>();
    private readonly FakeCacheTier<string, string> _store = new(); // It stands for a store over the network, and can be made to fail.
    private readonly OperationAccumulator _accumulator;
    private readonly ICache<string, string> _products;

    public Story(Action<string> print)
    {
        _print = print;
        _accumulator = new(summary => _summaries.Writer.TryWrite(summary));
        _products = Cache.Builder<string, string>("products")
            .Memory(static o =>
            {
                o.TimeToLive = TimeSpan.FromMinutes(1);
                o.TimeToRefresh = TimeSpan.FromSeconds(30);
            })
            .Tier(_store, static o => o.TimeToLive = TimeSpan.FromMinutes(10))
            .Clock(_clock)
            .EventHandler(_accumulator)
            .Build();
    }

    public async Task TellAsync()
    {
        await _products.GetOrInsertAsync("p1", LoadAsync);
        await ShowAsync("Nobody has it: it is loaded, and stored in both tiers.");

        await _products.GetOrInsertAsync("p1", LoadAsync);
        await ShowAsync("A hit in memory.");

        _clock.MoveOn(TimeSpan.FromMinutes(2));
        await _products.GetAsync("p1");
        await ShowAsync("Memory's copy has run out: the second tier's is promoted.");

        await AskTogetherAsync(5);
        await ShowAsync("Five callers at once: the first loads, the others wait for it.", operations: 5);

        _clock.MoveOn(TimeSpan.FromMinutes(2));
        _store.FailWhen(static _ => true);
        await _products.GetOrInsertAsync("p1", LoadAsync);
        await ShowAsync("The second tier is down: its errors are walked past.");

        _store.ClearFailures();
        _clock.MoveOn(TimeSpan.FromSeconds(40));
        await _products.GetOrInsertAsync("p1", LoadAsync);
        await ShowAsync("A hit that is due for renewal, and the refresh that it starts in the background.", operations: 2);

        _print($"Forgotten operations: {_accumulator.Forgotten}. Late tier calls: {_accumulator.Late}.");
    }

    public ValueTask DisposeAsync() => _products.DisposeAsync();

    private static async ValueTask<string> LoadAsync(string key, CancellationToken cancellationToken)
    {
        await Task.Delay(_loadTakes, TimeProvider.System, cancellationToken);
        return $"product {key}";
    }

    /// <summary>The load is held up until every caller is there; so they meet on every machine.</summary>
    private async Task AskTogetherAsync(int callers)
    {
        var everybodyIsThere = new Gate();
        Task[] asking = [.. Enumerable.Range(0, callers).Select(_ => _products.GetOrInsertAsync("p2", HeldUpAsync).AsTask())];
        everybodyIsThere.Open();
        await Task.WhenAll(asking);

        async ValueTask<string> HeldUpAsync(string key, CancellationToken cancellationToken)
        {
            await everybodyIsThere.PassAsync(cancellationToken);
            return await LoadAsync(key, cancellationToken);
        }
    }

    private async Task ShowAsync(string title, int operations = 1)
    {
        var told = new List<OperationSummary>();
        while (told.Count < operations) told.Add(await _summaries.Reader.ReadAsync());
        _print(title);

        // In the order in which they began, and what runs in the background last: callers of one load may end in any order.
        foreach (OperationSummary summary in told.OrderBy(static s => s.Operation is { Operation: CacheOperation.Refresh }).ThenBy(static s => s.Operation?.RequestId))
        {
            _print($"  {summary}");
        }

        _print("");
    }
}
