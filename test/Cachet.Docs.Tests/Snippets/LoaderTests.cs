using Cachet.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests.Snippets;

[CancelAfter(30_000)]
public class LoaderTests
{
    private readonly ProductDatabase _database = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly CacheEventRecorder _events = new();
    private ICache<string, Product> _products = null!;

    [SetUp]
    public void SetUp()
    {
        _events.Clear();
        _products = Cache.Builder<string, Product>("products").Memory().Clock(_clock).EventHandler(_events).Build();
    }

    [TearDown]
    public async Task TearDown() => await _products.DisposeAsync();

    [Test]
    public async Task Loader_OfAValue_IsCached()
    {
        (ICache<string, Product> products, ProductDatabase database) = (_products, _database);

        // snippet: loader-value
        Product product = await products.GetOrInsertAsync("p1", async (key, ct) => await database.ReadAsync(key, ct));
        // end
        // snippet: loader-state
        product = await products.GetOrInsertAsync("p1", database, static (key, db, ct) => db.ReadAsync(key, ct));
        // end
        Assert.That((await products.GetAsync("p1"))?.Value, Is.SameAs(product));
    }

    [Test]
    public async Task Loader_OfAnEntry_ChoosesItsLifeOrCachesNothing()
    {
        (ICache<string, Product> products, ProductDatabase database) = (_products, _database);

        // snippet: loader-entry
        CacheEntry<Product>? found = await products.GetOrInsertEntryAsync("p1", async (key, ct) =>
        {
            Product? product = await database.FindAsync(key, ct);
            if (product is null) return null;                                                // caches nothing
            return new CacheEntry<Product>(product, timeToLive: TimeSpan.FromMinutes(product.IsDraft ? 1 : 60));
        });
        // end
        Assert.That(found?.TimeToLive, Is.EqualTo(TimeSpan.FromMinutes(60)));
        Assert.That(await products.GetOrInsertEntryAsync("x", static (_, _) => default), Is.Null);
        Assert.That(await products.CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task NullValue_Loaded_IsCached()
    {
        ProductDatabase database = _database;

        // snippet: null-value
        await using ICache<string, Product?> products = Cache.Builder<string, Product?>("products").Memory().Build();
        Product? product = await products.GetOrInsertAsync("nobody", database.FindAsync);   // null, and cached
        // end
        CacheEntry<Product?>? found = await products.GetAsync("nobody");
        Assert.That(product, Is.Null);
        Assert.That(found, Is.Not.Null);
        Assert.That(found!.Value, Is.Null);
    }

    [Test]
    public async Task Stampede_ManyCallers_ShareOneLoad()
    {
        (ICache<string, Product> products, ProductDatabase database) = (_products, _database);
        var gate = new TaskCompletionSource();
        database.Opens = gate.Task;
        int before = database.Reads;

        // snippet: stampede
        Task<Product>[] callers = [.. Enumerable.Range(0, 100).Select(_ =>
            products.GetOrInsertAsync("p1", database.ReadAsync).AsTask())];
        // end
        gate.SetResult();
        await Task.WhenAll(callers);
        Assert.That(database.Reads - before, Is.EqualTo(1));
        Assert.That(_events.OperationEvents.Count(static e => e.Coalesced), Is.EqualTo(99));
    }

    [Test]
    public async Task Cancellation_OfOneCaller_LeavesTheOthersTheirLoad()
    {
        (ICache<string, Product> products, ProductDatabase database) = (_products, _database);
        var gate = new TaskCompletionSource();
        database.Opens = gate.Task;
        using var patience = new CancellationTokenSource();
        Task<Product> impatient = products.GetOrInsertAsync("p1", database.ReadAsync, patience.Token).AsTask();
        Task<Product> patient = products.GetOrInsertAsync("p1", database.ReadAsync).AsTask();

        await patience.CancelAsync();
        Assert.That(async () => await impatient, Throws.InstanceOf<OperationCanceledException>());
        gate.SetResult();
        Assert.That((await patient).Id, Is.EqualTo("p1"));
    }

    [Test]
    public async Task Refresh_OfAnEntryThatIsDue_ServesThePresentOneMeanwhile()
    {
        ProductDatabase database = _database;

        // snippet: refresh
        CacheBuilder<string, Product> builder = Cache.Builder<string, Product>("products")
            .Memory(o =>
            {
                o.TimeToLive = TimeSpan.FromMinutes(10);
                o.TimeToRefresh = TimeSpan.FromMinutes(8);
            })
            .MaxConcurrentRefreshes(8);   // 32 unless set
        // end
        await using ICache<string, Product> products = builder.Clock(_clock).EventHandler(_events).Build();
        Product first = await products.GetOrInsertAsync("p1", database.ReadAsync);
        _clock.Advance(TimeSpan.FromMinutes(8));
        Assert.That(await products.GetOrInsertAsync("p1", database.ReadAsync), Is.SameAs(first));
        await _events.WaitForOperationAsync(static e => e is { Operation: CacheOperation.Refresh, Outcome: CacheOutcome.Refreshed });
        Assert.That((await products.GetAsync("p1"))?.Value, Is.Not.SameAs(first).And.EqualTo(first));
    }

    [Test]
    public async Task Refresh_WithAScopeOfItsOwn_OutlivesTheRequests()
    {
        ICache<string, Product> products = _products;
        var services = new ServiceCollection().AddScoped<ProductDatabase>().BuildServiceProvider();
        IServiceScopeFactory scopes = services.GetRequiredService<IServiceScopeFactory>();

        // snippet: refresh-scope
        Product product = await products.GetOrInsertAsync("p1", scopes, static async (key, scopes, ct) =>
        {
            await using AsyncServiceScope scope = scopes.CreateAsyncScope();   // not the request's: that may be over
            return await scope.ServiceProvider.GetRequiredService<ProductDatabase>().ReadAsync(key, ct);
        });
        // end
        Assert.That(product.Id, Is.EqualTo("p1"));
        await services.DisposeAsync();
    }

    [Test]
    public async Task TierErrors_Throw_SurfacesWhatAbsorbWalksPast()
    {
        var store = new FakeCacheTier<string, Product>();
        store.FailWhen(static _ => true);
        await using ICache<string, Product> absorbing = Cache.Builder<string, Product>("products").Memory().Tier(store).Build();
        Assert.That(await absorbing.GetAsync("p1"), Is.Null);
        Assert.That((await absorbing.GetOrInsertAsync("p1", _database.ReadAsync)).Id, Is.EqualTo("p1"));
        Assert.That(async () => await absorbing.InvalidateAsync("p1"), Throws.InstanceOf<IOException>());

        // snippet: tier-errors
        await using ICache<string, Product> strict = Cache.Builder<string, Product>("products")
            .Memory()
            .Tier(store)
            .TierErrors(TierErrorPolicy.Throw)   // Absorb unless set
            .Build();
        // end
        Assert.That(async () => await strict.GetAsync("p1"), Throws.InstanceOf<IOException>());
        Assert.That(async () => await strict.GetOrInsertAsync("p1", _database.ReadAsync), Throws.InstanceOf<IOException>());
    }
}
