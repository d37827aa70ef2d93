using System.Diagnostics;
using System.Globalization;
using Cachet;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests.Decorators;

/// <summary>A factory sees its caller's context, whether the call can be cancelled or not, whether anybody listens or not; and nothing gets out of it.</summary>
[TestFixture(false)]
[TestFixture(true)]
[CancelAfter(60_000)]
public sealed class HybridContextTests(bool listening)
{
    private static readonly AsyncLocal<string?> _local = new();

    private readonly CancellationTokenSource _caller = new();
    private readonly HybridCache _cache = Hybrid();
    private TraceRecorder? _trace;

    [SetUp]
    public void SetUp()
    {
        if (listening) _trace = new();
    }

    [TearDown]
    public void TearDown()
    {
        _trace?.Dispose();
        _caller.Dispose();
    }

    [Test]
    public async Task Factory_SeesWhatItsCallerSees([Values] bool cancellable, [Values] bool characters)
    {
        using Activity request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        request.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        _local.Value = "the caller's";
        CultureInfo culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        CultureInfo.CurrentCulture.NumberFormat.NumberDecimalSeparator = "~";
        string[] seen = [];
        CancellationToken token = cancellable ? _caller.Token : default;
        ValueTask<string> call = characters
            ? _cache.GetOrCreateAsync<string>("k".AsSpan(), LoadAsync, cancellationToken: token)
            : _cache.GetOrCreateAsync<string>("k", LoadAsync, cancellationToken: token);
        await call;
        Assert.That(seen, Is.EqualTo(["the caller's", "1~5", "set by the factory", listening ? "cache.load" : "request"]));
        Assert.That(_local.Value, Is.EqualTo("the caller's"));
        Assert.That(Activity.Current, Is.SameAs(request));
        CultureInfo.CurrentCulture = culture;

        async ValueTask<string> LoadAsync(CancellationToken loadToken)
        {
            List<string> inside = [_local.Value ?? "nothing", 1.5.ToString(CultureInfo.CurrentCulture)];
            _local.Value = "set by the factory";
            await Task.Yield();
            inside.Add(_local.Value);
            inside.Add(Activity.Current!.OperationName);
            seen = [.. inside];
            return "v";
        }
    }

    [Test]
    public async Task Factory_OfWhoeverLeads_SeesTheLeadersContext()
    {
        var gate = new Gate();
        _local.Value = "the leader's";
        Task<string?> leader = _cache.GetOrCreateAsync<string?>("k", HeldAsync, cancellationToken: _caller.Token).AsTask();
        await gate.Reached;
        _local.Value = "the follower's";
        Task<string?> follower = _cache.GetOrCreateAsync<string?>("k", static _ => new(_local.Value), cancellationToken: _caller.Token).AsTask();
        gate.Open();
        Assert.That(await Task.WhenAll(leader, follower), Is.EqualTo(["the leader's", "the leader's"]));
        Assert.That(_local.Value, Is.EqualTo("the follower's"));

        async ValueTask<string?> HeldAsync(CancellationToken token)
        {
            await gate.PassAsync(token);
            return _local.Value;
        }
    }

    [Test]
    public async Task Factory_OfACallerWhoSuppressedItsFlow_SeesNothingOfItAndLeavesNothing()
    {
        _local.Value = "the caller's";
        ValueTask<string?> call;
        using (ExecutionContext.SuppressFlow())
        {
            call = _cache.GetOrCreateAsync("k", static _ => new ValueTask<string?>(_local.Value), cancellationToken: _caller.Token);
        }

        Assert.That(await call, Is.Null);
        Assert.That(_local.Value, Is.EqualTo("the caller's"));
    }

    [Test]
    public async Task Factory_ThatIsNotAsync_LeavesNothingInTheCachesFlow([Values] bool cancellable)
    {
        // The cache's own flow goes on after the factory: with what it had before, not with what the factory changed.
        string? after = "never looked";
        var inner = new ScriptedHybridCache();
        HybridCache cache = inner.Instrumented("products");
        _local.Value = "the caller's";
        await Looked();
        Assert.That(after, Is.EqualTo("the caller's"));

        async Task Looked()
        {
            ValueTask<int> call = cache.GetOrCreateAsync(
                "k",
                static _ =>
                {
                    _local.Value = "set by the factory";
                    return new ValueTask<int>(1);
                },
                cancellationToken: cancellable ? _caller.Token : default);
            after = listening || cancellable ? _local.Value : "the caller's"; // Where nothing has to be done, the factory is handed on as it is.
            await call;
        }
    }

    private static HybridCache Hybrid()
    {
        var services = new ServiceCollection();
        services.AddHybridCache();
        services.InstrumentHybridCache("products");
        return services.BuildServiceProvider().GetRequiredService<HybridCache>();
    }
}
