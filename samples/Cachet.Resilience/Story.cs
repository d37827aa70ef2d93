using Cachet.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Cachet.Resilience;

/// <summary>A cache whose second tier is a service that is not always well. Time does not pass, it is moved on by hand.</summary>
internal sealed class Story : IAsyncDisposable
{
    private readonly Action<string> _print;
    private readonly FakeTimeProvider _clock = new();
    private readonly Warehouse _warehouse = new();
    private readonly CacheEventRecorder _events = new();
    private readonly ICache<string, string> _products;
    private int _steps;

    public Story(Action<string> print)
    {
        _print = print;
        var service = new ServiceTier<string, string>(_warehouse.AnswerAsync);
        var resilient = new ResilientTier<string, string>(service, TierResilience.Build(_clock));
        _products = Cache.Builder<string, string>("products")
            .Memory(static o => o.TimeToLive = TimeSpan.FromSeconds(1))
            .Tier(resilient, static o =>
            {
                o.Name = "service";
                o.Remote = true;
                o.TimeToLive = TimeSpan.FromMinutes(10);
            })
            .Clock(_clock)
            .EventHandler(_events)
            .Build();
    }

    public async Task TellAsync()
    {
        await TellAsync("All is well: nobody has the product, it is loaded and stored in both tiers.", () => AskAsync("p1"));

        _warehouse.Trouble = Blip;
        await TellAsync("One request fails: it is sent again, and the cache does not notice.", () => AskAsync("p1"));

        var hang = new Gate();
        _warehouse.Trouble = _ => hang.PassAsync(CancellationToken.None); // It does not even listen to its token.
        await TellAsync("A request hangs: after 200 ms it is left behind, and the loader runs.", async () =>
        {
            Task asking = AskAsync("p1");
            await hang.Reached;
            _warehouse.Trouble = null;
            _clock.Advance(TierResilience.Patience);
            await asking;
        });

        _warehouse.Trouble = static _ => Task.FromException(new IOException("Out of order."));
        await TellAsync("The service is down: the breaker trips.", () => AskAsync("p1"));
        await TellAsync("It is not asked any more; the loader runs, and memory serves what it has.", async () =>
        {
            await AskAsync("p2");
            await AskAsync("p2");
        });

        _warehouse.Trouble = null;
        _clock.Advance(TierResilience.Break);
        await TellAsync("Half a minute later the service is tried again, and is well.", () => AskAsync("p1"));
    }

    public ValueTask DisposeAsync() => _products.DisposeAsync();

    private Task Blip(CancellationToken cancellationToken)
    {
        _warehouse.Trouble = null;
        return Task.FromException(new IOException("Try again."));
    }

    private async Task AskAsync(string key) => await _products.GetOrInsertAsync(key, static (key, _) => new($"product {key}"));

    private async Task TellAsync(string title, Func<Task> happen)
    {
        _clock.Advance(TimeSpan.FromSeconds(2)); // What memory has runs out.
        _events.Clear();
        int before = _warehouse.Requests;
        await happen();
        if (_steps++ > 0) _print("");
        _print(title);
        foreach (string operation in _events.OperationLines) _print($"  {operation}");
        foreach (CacheTierEvent call in _events.TierEvents.Where(static e => e.Fallback))
        {
            string error = call.Exception is { } exception ? $" ({exception.GetType().Name})" : "";
            _print($"    {call.TierName} {TelemetryNames.Of(call.Operation)} {TelemetryNames.Of(call.Outcome)}{error}");
        }

        _print($"    requests that reached the service: {_warehouse.Requests - before}");
    }
}
