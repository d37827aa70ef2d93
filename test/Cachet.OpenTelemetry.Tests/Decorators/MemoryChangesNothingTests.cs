using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Primitives;

namespace CachetTests.Decorators;

/// <summary>A memory cache does, decorated, what it does bare: with and without somebody who listens.</summary>
[TestFixture(false)]
[TestFixture(true)]
[CancelAfter(60_000)]
public sealed class MemoryChangesNothingTests(bool listening)
{
    private static readonly AsyncLocal<string?> _local = new();

    private readonly MemoryCache _inner = new(new MemoryCacheOptions { TrackLinkedCacheEntries = true, TrackStatistics = true });
    private TraceRecorder? _trace;
    private MetricRecorder? _metrics;
    private Activity? _request;
    private IMemoryCache _cache = null!;

    [SetUp]
    public void SetUp()
    {
        _cache = _inner.Instrumented("views");
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
        _cache.Dispose();
        _inner.Dispose();
    }

    [Test]
    public void Entry_EveryProperty_IsThatOfTheDecoratedCachesEntry()
    {
        DateTimeOffset at = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var inner = new PlainEntry();
        using ICacheEntry entry = new OneEntryCache(inner).Instrumented("views").CreateEntry(new object());
        (entry.Value, entry.AbsoluteExpiration, entry.AbsoluteExpirationRelativeToNow) = ("v", at, TimeSpan.FromHours(1));
        (entry.SlidingExpiration, entry.Priority, entry.Size) = (TimeSpan.FromMinutes(1), CacheItemPriority.High, 7);
        Assert.That((inner.Value, inner.AbsoluteExpiration, inner.AbsoluteExpirationRelativeToNow), Is.EqualTo(("v", at, TimeSpan.FromHours(1))));
        Assert.That((inner.SlidingExpiration, inner.Priority, inner.Size), Is.EqualTo((TimeSpan.FromMinutes(1), CacheItemPriority.High, 7)));
        Assert.That((entry.Value, entry.AbsoluteExpiration, entry.AbsoluteExpirationRelativeToNow), Is.EqualTo(("v", at, TimeSpan.FromHours(1))));
        Assert.That((entry.SlidingExpiration, entry.Priority, entry.Size), Is.EqualTo((TimeSpan.FromMinutes(1), CacheItemPriority.High, 7)));
        Assert.That(entry.Key, Is.SameAs(inner.Key));
        Assert.That(entry.ExpirationTokens, Is.SameAs(inner.ExpirationTokens));
        Assert.That(entry.PostEvictionCallbacks, Is.SameAs(inner.PostEvictionCallbacks).And.Empty);
    }

    [Test]
    public void Entry_ThatTakesNoCallbacks_IsCommittedAllTheSame()
    {
        var inner = new PlainEntry { PostEvictionCallbacks = Array.Empty<PostEvictionCallbackRegistration>() };
        ICacheEntry entry = new OneEntryCache(inner).Instrumented("views").CreateEntry("k");
        entry.Value = "v";
        entry.Dispose();
        Assert.That(inner.Disposals, Is.EqualTo(1));
    }

    [Test]
    public void LinkedEntries_TheInnerExpires_SoDoesTheOuter([Values] bool decorated)
    {
        using var expiry = new CancellationTokenSource();
        IMemoryCache cache = decorated ? _cache : _inner;
        cache.GetOrCreate("outer", outer =>
        {
            cache.GetOrCreate("inner", inner =>
            {
                inner.AddExpirationToken(new CancellationChangeToken(expiry.Token));
                return "i";
            });
            return "o";
        });
        cache.Set("after", "a"); // Linked to nothing: the outer entry is no longer under way.
        Assert.That((cache.Get("outer"), cache.Get("inner"), cache.Get("after")), Is.EqualTo(("o", "i", "a")));
        expiry.Cancel();
        Assert.That((cache.Get("outer"), cache.Get("inner"), cache.Get("after")), Is.EqualTo(((object?)null, (object?)null, "a")));
    }

    [Test]
    public async Task Callbacks_OfTheCaller_AreToldTheSameInTheCallersContext(CancellationToken cancellationToken)
    {
        List<string> told = [];
        foreach (IMemoryCache cache in new[] { _inner, _cache })
        {
            _local.Value = "the caller's";
            var state = new object();
            var called = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            cache.Set("k", "v", new MemoryCacheEntryOptions().RegisterPostEvictionCallback(
                (key, value, reason, s) =>
                    called.SetResult($"{key} {value} {reason} {ReferenceEquals(s, state)} {_local.Value} {ReferenceEquals(Activity.Current, _request)}"),
                state));
            cache.Remove("k");
            told.Add(await called.Task.WaitAsync(cancellationToken));
        }

        Assert.That(told, Is.EqualTo(["k v Removed True the caller's True", "k v Removed True the caller's True"]));
    }

    [Test]
    public void Options_SharedByEntries_AreLeftAsTheyAre()
    {
        var options = new MemoryCacheEntryOptions();
        _cache.Set("a", 1, options);
        _cache.Set("b", 2, options);
        Assert.That(options.PostEvictionCallbacks, Is.Empty);
    }

    [Test]
    public void Calls_ThatThrow_ThrowTheSame()
    {
        var error = new InvalidTimeZoneException();
        IMemoryCache cache = new OneEntryCache(new PlainEntry { Error = error }) { Error = error }.Instrumented("views");
        ICacheEntry entry = new OneEntryCache(new PlainEntry { Error = error }).Instrumented("views").CreateEntry("k");
        entry.Value = "v";
        Assert.That(() => cache.TryGetValue("k", out _), Throws.Exception.SameAs(error));
        Assert.That(() => cache.Remove("k"), Throws.Exception.SameAs(error));
        Assert.That(() => cache.CreateEntry("k"), Throws.Exception.SameAs(error));
        Assert.That(entry.Dispose, Throws.Exception.SameAs(error));
        Assert.That(() => _cache.Get(null!), Throws.ArgumentNullException);
        Assert.That(Activity.Current, Is.SameAs(_request));
    }

    [Test]
    public void Statistics_OfTheCache_AreItsOwn()
    {
        _cache.Set("k", "v");
        _cache.Get("k");
        _cache.Get("other");
        MemoryCacheStatistics statistics = _cache.GetCurrentStatistics()!;
        Assert.That((statistics.CurrentEntryCount, statistics.TotalHits, statistics.TotalMisses), Is.EqualTo((1, 1, 1)));
        Assert.That(new OneEntryCache(new()).Instrumented("views").GetCurrentStatistics(), Is.Null);
    }

    [Test]
    public void Dispose_ByItsOwner_ReachesTheCache()
    {
        _cache.Dispose();
        Assert.That(() => _inner.Get("k"), Throws.InstanceOf<ObjectDisposedException>());
    }
}
