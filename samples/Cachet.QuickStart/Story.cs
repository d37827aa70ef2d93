using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;

namespace Cachet.QuickStart;

/// <summary>One step that was told.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Title">What happens, in one sentence.</param>
/// <param name="Trace">The trace that it left.</param>
/// <param name="Ending">What the callers saw of it.</param>
internal sealed record Step(int Number, string Title, ActivityTraceId Trace, string Ending);

/// <summary>The life of two entries in a cache of two tiers.</summary>
/// <remarks>This file is the sample proper: a cache is built and used. It has no word of telemetry in it but the one span per step that ties what
/// happens in the step together, as the span of a web request would.</remarks>
internal sealed class Story : IAsyncDisposable
{
    public const int Callers = 20;

    private readonly StoryClock _clock = new();
    private readonly ProductDatabase _database = new();
    private readonly FlakyDistributedCache _store;
    private readonly ICache<string, Product> _products;
    private int _steps;

    public Story(IDistributedCache store)
    {
        _store = new(store);
        _products = Cache.Builder<string, Product>("products")
            .Memory(o => o.TimeToLive = TimeSpan.FromMinutes(1))
            .Distributed(_store, o => o.TimeToLive = TimeSpan.FromMinutes(10))
            .Clock(_clock)
            .Build();
    }

    public static ActivitySource Source { get; } = new("Cachet.QuickStart");

    /// <summary>Forgets what earlier runs left in a store that outlives the process.</summary>
    public ValueTask PrepareAsync() => _products.ClearAsync();

    public async IAsyncEnumerable<Step> TellAsync()
    {
        yield return await StepAsync(
            "A product that nobody asked for yet: both tiers miss, the loader runs, both tiers are filled.",
            () => AskAsync("espresso machine"));

        yield return await StepAsync(
            "The same product again: a hit in l1, and nothing else is asked.",
            () => AskAsync("espresso machine"));

        _clock.MoveOn(TimeSpan.FromMinutes(2));
        yield return await StepAsync(
            "Two minutes later l1's copy has run out: l2 still has one, and it is promoted into l1.",
            async () => $"The caller gets {(await _products.GetAsync("espresso machine"))?.Value}.");

        yield return await StepAsync(
            $"{Callers} callers ask for another product at the same time: one loads it, the others wait and link to that load.",
            () => AskTogetherAsync("coffee grinder"));

        _clock.MoveOn(TimeSpan.FromMinutes(15));
        yield return await StepAsync(
            "A quarter of an hour later the first product has expired in both tiers: the loader runs again.",
            () => AskAsync("espresso machine"));

        _clock.MoveOn(TimeSpan.FromMinutes(2));
        _store.IsBroken = true;
        yield return await StepAsync(
            "l1's copy has run out again, and now l2 is down: its failures are walked past, and the caller is served.",
            () => AskAsync("espresso machine"));
        _store.IsBroken = false;
    }

    public ValueTask DisposeAsync() => _products.DisposeAsync();

    private async Task<Step> StepAsync(string title, Func<Task<string>> happen)
    {
        int number = ++_steps;
        using Activity? span = Source.StartActivity($"step {number}");
        return new(number, title, span?.TraceId ?? default, await happen());
    }

    private async Task<string> AskAsync(string name) => $"The caller gets {await _products.GetOrInsertAsync(name, _database.ReadAsync)}.";

    private async Task<string> AskTogetherAsync(string name)
    {
        // The database is held up until all callers are there; so they meet on every machine, however fast or slow it is.
        var atTheDatabase = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var everybodyIsThere = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int before = _database.Reads;
        List<Task<Product>> callers = [Ask()];
        await atTheDatabase.Task;
        while (callers.Count < Callers) callers.Add(Ask());
        everybodyIsThere.SetResult();
        Product[] answers = await Task.WhenAll(callers);
        string got = string.Join(" or ", answers.Distinct());
        return $"Each of the {answers.Length} callers gets {got}. Reads of the database: {_database.Reads - before}.";

        Task<Product> Ask() => _products.GetOrInsertAsync(name, HeldUpAsync).AsTask();

        async ValueTask<Product> HeldUpAsync(string key, CancellationToken cancellationToken)
        {
            atTheDatabase.TrySetResult();
            await everybodyIsThere.Task.WaitAsync(cancellationToken);
            return await _database.ReadAsync(key, cancellationToken);
        }
    }
}
