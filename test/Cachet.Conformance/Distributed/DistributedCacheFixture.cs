using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using NUnit.Framework.Constraints;

namespace CachetTests;

/// <summary>A distributed cache for every test, in the form and called by the methods that the run asks for.</summary>
[CancelAfter(30_000)]
public abstract class DistributedCacheFixture(Form form, Calls calls)
{
    private protected static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private protected static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private Listeners? _listeners;
    private Store _store = null!;

    private protected Calls Way => calls;

    private protected Calls OtherWay => calls is Calls.Synchronous ? Calls.Asynchronous : Calls.Synchronous;

    private protected IDistributedCache Cache { get; private set; } = null!;

    private protected CalledCache Called { get; private set; } = null!;

    /// <summary>The same, by the other of its twin methods.</summary>
    private protected CalledCache CalledOtherwise { get; private set; } = null!;

    /// <summary>The same entries, as another process has them.</summary>
    private protected CalledCache Elsewhere => new(_store.Elsewhere, Way);

    private protected DateTimeOffset Now => _store.Now;

    [OneTimeSetUp]
    public void Listen() => _listeners = Listeners.For(form);

    [OneTimeTearDown]
    public void Leave() => _listeners?.Dispose();

    [SetUp]
    public async Task OpenAsync()
    {
        _store = await CreateAsync();
        Cache = form is Form.Bare ? _store.Cache : _store.Cache.Instrumented("conformance");
        Called = new(Cache, Way);
        CalledOtherwise = new(Cache, OtherWay);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        if (_store is not null) await _store.DisposeAsync();
    }

    private protected static IResolveConstraint ThrowsForThePast => Throws.InstanceOf<ArgumentOutOfRangeException>()
        .With.Property(nameof(ArgumentException.ParamName)).EqualTo(nameof(DistributedCacheEntryOptions.AbsoluteExpiration));

    /// <summary>The cache that is tried, new and empty.</summary>
    private protected abstract Task<Store> CreateAsync();

    private protected static IResolveConstraint ThrowsFor(string parameter) =>
        Throws.ArgumentNullException.With.Property(nameof(ArgumentException.ParamName)).EqualTo(parameter);

    private protected Task PassAsync(TimeSpan time) => _store.PassAsync(time);
}
