using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Caching.Hybrid;

namespace CachetTests.Decorators;

/// <summary>The same calls on a HybridCache, bare and decorated, come to the same: with and without somebody who listens.</summary>
[TestFixture(false)]
[TestFixture(true)]
[CancelAfter(60_000)]
public sealed class HybridChangesNothingTests(bool listening)
{
    private static readonly HybridCacheEntryOptions _options = new();
    private static readonly string[] _tags = ["t"];
    private static readonly string[] _keys = ["a", "b"];
    private static readonly object _value = new();

    private static readonly Dictionary<string, Func<HybridCache, CancellationToken, Task>> _calls = new()
    {
        ["GetOrCreate"] = static (c, t) => c.GetOrCreateAsync("k", 7, static (_, _) => new ValueTask<object>(_value), _options, _tags, t).AsTask(),
        ["Set"] = static (c, t) => c.SetAsync("k", _value, _options, _tags, t).AsTask(),
        ["Remove"] = static (c, t) => c.RemoveAsync("k", t).AsTask(),
        ["RemoveMany"] = static (c, t) => c.RemoveAsync(_keys, t).AsTask(),
        ["RemoveByTag"] = static (c, t) => c.RemoveByTagAsync("t", t).AsTask(),
        ["RemoveByTags"] = static (c, t) => c.RemoveByTagAsync(_tags, t).AsTask(),
    };

    private readonly Exception _error = new InvalidOperationException();
    private readonly CancellationTokenSource _caller = new();
    private readonly ScriptedHybridCache _inner = new();
    private HybridCache _cache = null!;
    private TraceRecorder? _trace;
    private MetricRecorder? _metrics;
    private Activity? _request;

    public static IEnumerable<string> Members => _calls.Keys;

    [SetUp]
    public void SetUp()
    {
        _cache = _inner.Instrumented("products");
        if (!listening) return;
        _trace = new();
        _metrics = new();
        _request = _trace.Source.StartActivity("request");
    }

    [TearDown]
    public void TearDown()
    {
        _request?.Dispose();
        _metrics?.Dispose();
        _trace?.Dispose();
        _caller.Dispose();
    }

    [TestCaseSource(nameof(Members))]
    public async Task Call_ThrowsAtOnceOrLater_ThrowsTheSameThen(string member)
    {
        _inner.Answer = _ => throw _error;
        Assert.That(() => { _ = _calls[member](_cache, _caller.Token); }, Throws.Exception.SameAs(_error), "at the call");
        var pending = new TaskCompletionSource<object>();
        _inner.Answer = _ => pending.Task;
        Task call = _calls[member](_cache, _caller.Token);
        Assert.That(call.IsCompleted, Is.False);
        Assert.That(Activity.Current, Is.SameAs(_request));
        pending.SetException([_error, new IOException()]);
        await Assert.ThatAsync(() => call, Throws.Exception.SameAs(_error));
        Assert.That(call.Exception!.InnerExceptions, Has.Count.EqualTo(2));
        Assert.That(Activity.Current, Is.SameAs(_request));
    }

    [TestCaseSource(nameof(Members))]
    public async Task Call_IsCancelled_IsCancelledByTheSameToken(string member)
    {
        await _caller.CancelAsync();
        _inner.Answer = _ => Task.FromCanceled<object>(_caller.Token);
        Task call = _calls[member](_cache, _caller.Token);
        Assert.That(call.IsCanceled);
        Assert.That(
            (await Assert.CatchAsync<OperationCanceledException>(async () => await call))!.CancellationToken, Is.EqualTo(_caller.Token));
    }

    [TestCaseSource(nameof(Members))]
    public async Task Call_EndsAtOnce_HasEnded(string member)
    {
        Task call = _calls[member](_cache, default);
        Assert.That(call.IsCompletedSuccessfully);
        if (member == "GetOrCreate") Assert.That(await (Task<object>)call, Is.SameAs(_value));
        Assert.That(Activity.Current, Is.SameAs(_request));
    }

    [TestCaseSource(nameof(Members))]
    public async Task Arguments_AsGiven_ReachTheCache(string member)
    {
        await _calls[member](_inner, _caller.Token);
        await _calls[member](_cache, _caller.Token);
        (string name, object?[] bare) = _inner.Calls.First();
        (string decoratedName, object?[] decorated) = _inner.Calls.Last();
        Assert.That((decoratedName, _inner.Calls.Count), Is.EqualTo((name, 2)));
        Assert.That(decorated, Is.EqualTo(bare));
    }

    [Test]
    public async Task Factory_OfTheCall_IsToldItsStateAndTheCachesToken([Values] bool cancellable)
    {
        (object? State, CancellationToken Token) told = default;
        var state = new object();
        await _cache.GetOrCreateAsync(
            "k",
            state,
            (s, t) =>
            {
                told = (s, t);
                return new ValueTask<int>(1);
            },
            cancellationToken: cancellable ? _caller.Token : default);
        Assert.That(told, Is.EqualTo((state, cancellable ? _caller.Token : default)));
    }

    [Test]
    public void Factory_ThatThrowsAtOnce_ThrowsThroughTheCacheAtOnce([Values] bool cancellable)
    {
        Assert.That(
            () => { _ = _cache.GetOrCreateAsync<int>("k", _ => throw _error, cancellationToken: cancellable ? _caller.Token : default).AsTask(); },
            Throws.Exception.SameAs(_error));
        Assert.That(Activity.Current, Is.SameAs(_request));
    }

    /// <summary>Decorated caches over decorated caches would need types of types without end, which cannot be compiled ahead of time.</summary>
    [Test]
    public async Task State_ThatIsPassedOn_IsOfOneTypeWhateverTheCallersIs()
    {
        await _cache.GetOrCreateAsync("k", 1, static (_, _) => new ValueTask<int>(1), cancellationToken: _caller.Token);
        await _cache.GetOrCreateAsync("k", "state", static (_, _) => new ValueTask<int>(1), cancellationToken: _caller.Token);
        await _cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(1), cancellationToken: _caller.Token);
        Assert.That(_inner.StateTypes.Distinct(), Has.Exactly(1).Items);
    }

    [Test]
    public async Task Key_ThatMakesNoSense_IsForTheCacheToJudge([Values] bool cancellable)
    {
        CancellationToken token = cancellable ? _caller.Token : default;
        Assert.That(await _cache.GetOrCreateAsync(null!, static _ => new ValueTask<int>(1), cancellationToken: token), Is.EqualTo(1));
        await _cache.RemoveAsync((string)null!, token);
        await _cache.RemoveAsync((IEnumerable<string>)null!, token);
        Assert.That(_inner.Calls.Select(static c => c.Arguments[0]), Is.All.Null);
    }

    [Test]
    public void Keys_ThatAreEnumeratedOnce_AreLeftToTheCache()
    {
        _cache.RemoveAsync(Once());
        _cache.RemoveByTagAsync(Once());
        Assert.That(_inner.Calls, Has.Count.EqualTo(2));

        static IEnumerable<string> Once()
        {
            Assert.Fail("Only the cache may.");
            yield break;
        }
    }
}
