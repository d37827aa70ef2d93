using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests.Registry;

/// <summary>One cache of the story, of two fake tiers unless said otherwise, all of whose telemetry is on; and what happens to it.</summary>
internal sealed class Scene : IAsyncDisposable
{
    /// <summary>The time to refresh of the first tier.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromSeconds(30);

    private readonly EmissionRecorder _recorder;

    /// <summary>Builds the cache.</summary>
    /// <param name="recorder">Who listens.</param>
    /// <param name="name">The cache's name.</param>
    /// <param name="tiers">Its tiers, instead of the two.</param>
    /// <param name="cancellationToken">Ends every wait.</param>
    public Scene(
        EmissionRecorder recorder,
        string name,
        CancellationToken cancellationToken,
        Func<CacheBuilder<string, string>, CacheBuilder<string, string>>? tiers = null)
    {
        _recorder = recorder;
        Token = cancellationToken;
        tiers ??= b => b.Tier(L1, static o => o.TimeToRefresh = Age).Tier(L2);
        CacheBuilder<string, string> builder = Cache.Builder<string, string>(name).Clock(Clock).EventHandler(Events).EnableLogs(recorder.Logs, static o =>
        {
            o.KeyRecording = KeyRecording.Full;
            o.Exceptions = ExceptionDetail.Full;
        });
        Products = tiers(builder).Build();
    }

    public CancellationToken Token { get; }

    public FakeTimeProvider Clock { get; } = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public CacheEventRecorder Events { get; } = new();

    public FakeSynchronousCacheTier<string, string> L1 { get; } = [];

    public FakeCacheTier<string, string> L2 { get; } = [];

    public ICache<string, string> Products { get; }

    /// <summary>A loader that comes to a gate first.</summary>
    public static Func<string, CancellationToken, ValueTask<string>> Held(Gate gate) => async (_, token) =>
    {
        await gate.PassAsync(token);
        return "v";
    };

    /// <summary>A call fails.</summary>
    public static async Task FailsAsync<T>(ValueTask<T> call) => await Assert.CatchAsync(async () => await call);

    /// <summary>A call fails.</summary>
    public static async Task FailsAsync(ValueTask call) => await Assert.CatchAsync(async () => await call);

    /// <summary>A call is cancelled once it has come to a gate, which stays shut.</summary>
    public async Task CancelledAsync(Gate gate, Func<CancellationToken, Task> call)
    {
        using var caller = new CancellationTokenSource();
        Task called = call(caller.Token);
        await gate.Reached.WaitAsync(Token);
        _recorder.Measurements.Observe();
        await caller.CancelAsync();
        await Assert.CatchAsync<OperationCanceledException>(async () => await called.WaitAsync(Token));
    }

    /// <summary>Lets other work go on.</summary>
    public async Task GoOnAsync()
    {
        Token.ThrowIfCancellationRequested();
        await Task.Yield();
    }

    /// <summary>Waits for the end of so many background refreshes.</summary>
    public Task RefreshedAsync(int count = 1) =>
        Events.WaitForOperationAsync(static e => e.Operation == CacheOperation.Refresh, count, Token);

    /// <summary>Stores an entry that is then to be refreshed.</summary>
    public async Task AgedAsync()
    {
        await Products.InsertAsync("k", "old", Token);
        Clock.Advance(Age);
    }

    public async ValueTask DisposeAsync()
    {
        _recorder.Measurements.Observe();
        await Products.DisposeAsync();
        await _recorder.Spans.QuietAsync(Token);
    }
}
