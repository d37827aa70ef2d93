using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CachetTests;

public class StartValidationTests
{
    private HostApplicationBuilder _builder = null!;

    [SetUp]
    public void SetUp() => _builder = Host.CreateEmptyApplicationBuilder(null);

    [Test]
    public async Task Start_GoodCaches_BuildsThemOnce()
    {
        int builds = 0;
        _builder.Services.AddCachet<string, int>("one", Configure).AddCachet<string, int>("two", Configure);
        using IHost host = _builder.Build();
        Assert.That(builds, Is.Zero);

        await host.StartAsync();
        host.Services.GetRequiredKeyedService<ICache<string, int>>("one");

        Assert.That(builds, Is.EqualTo(2));
        await host.StopAsync();

        void Configure(CacheBuilder<string, int> cache)
        {
            builds++;
            cache.Memory();
        }
    }

    [Test]
    public async Task Start_BrokenCaches_NamesEveryOneOfThemBeforeAnythingRuns()
    {
        var service = new Recorder();
        _builder.Services
            .AddHostedService(_ => service)
            .AddCachet<string, int>("small", static c => c.Memory(static o => o.Capacity = 2))
            .AddCachet<string, int>("good", static c => c.Memory())
            .AddCachet<string, string>("storeless", static c => c.Memory().Distributed())
            .AddCachet<string, int>("mistyped", static c => c.Memory().Configuration(Sections.Products(("L1:Size", "5"), ("L1:Capacity", "x"))))
            .AddCachet<string, Version>("bare", static _ => { })
            .AddCachet<string, Version>("careless", static c => c.Tier(null!))
            .AddCachet<string, Version>("needy", static (p, c) => c.EventHandler(p.GetRequiredService<CacheEventRecorder>()));
        using IHost host = _builder.Build();

        OptionsValidationException error = await FailureAsync(host);

        Assert.That(error.Failures, Is.EqualTo(new[]
        {
            "The option Capacity of tier 'l1' of cache 'small' cannot be 2: give 3 entries or more",
            "Tier 'l2' of cache 'storeless' has no store. Register an IDistributedCache (AddStackExchangeRedisCache, AddDistributedMemoryCache …) "
            + "in the container that AddCachet builds this cache from, or hand one in: Distributed(store)",
            "'Cachet:products:L1:Capacity' is 'x': it should be a whole number, at most 2147483647",
            "'Cachet:products:L1:Size' is nothing that can be set for tier 'l1' of cache 'mistyped': "
            + "configuration can set TimeToLive, TimeToLiveJitter, TimeToRefresh, InsertPolicy, Remote, ClockSkew, Capacity, EvictionPolicy, TimeToIdle",
            "Cache 'bare' has no tier. Call Memory(), Distributed(…) or Tier(…) before Build()",
            "Cache 'careless' could not be built: Value cannot be null. (Parameter 'tier')",
            "Cache 'needy' could not be built: No service for type 'Cachet.Testing.CacheEventRecorder' has been registered",
        }));
        Assert.That(service.Started, Is.False);
    }

    [Test]
    public async Task Start_StoreThatCannotBeMade_IsAnErrorThatTellsAll()
    {
        _builder.Services
            .AddSingleton<IDistributedCache>(static _ => throw new NotSupportedException("no such store"))
            .AddCachet<string, int>("products", static c => c.Memory().Distributed());
        using IHost host = _builder.Build();

        OptionsValidationException error = await FailureAsync(host);

        Assert.That(
            error.Failures.Single(),
            Does.StartWith("Cache 'products' could not be built: System.NotSupportedException: no such store").And.Contain(nameof(StartValidationTests)));
    }

    [Test]
    public async Task Start_StoreThatIsDown_AsksItNothing()
    {
        using var store = new FakeStore { Fail = static _ => new IOException("down") };
        _builder.Services.AddSingleton<IDistributedCache>(store).AddCachet<string, int>("products", static c => c.Memory().Distributed());
        using IHost host = _builder.Build();

        await host.StartAsync();

        Assert.That(store.Calls, Is.Empty);
        ICache<string, int> cache = host.Services.GetRequiredService<ICache<string, int>>();
        Assert.That(await cache.GetOrInsertAsync("k", static (_, _) => new(7)), Is.EqualTo(7));
        await host.StopAsync();
    }

    [Test]
    public async Task Start_BrokenOptionsOfTheApplicationToo_ReportsBoth()
    {
        _builder.Services.AddCachet<string, int>("small", static c => c.Memory(static o => o.Capacity = 2));
        _builder.Services.AddOptions<Limits>().Validate(static _ => false, "Limits are wrong").ValidateOnStart();
        using IHost host = _builder.Build();

        Exception? error = await host.StartAsync().FaultAsync();

        Assert.That(
            (error as AggregateException)?.InnerExceptions.Select(static e => e.Message),
            Is.EquivalentTo(new[] { "The option Capacity of tier 'l1' of cache 'small' cannot be 2: give 3 entries or more", "Limits are wrong" }));
    }

    [Test]
    public async Task Start_CacheThatATestReplaced_BuildsTheReplacement()
    {
        ICache<string, int> fake = Cache.Builder<string, int>("fake").Memory().Build();
        _builder.Services
            .AddCachet<string, int>("products", static c => c.Memory(static o => o.Capacity = 2))
            .AddKeyedSingleton("products", fake);
        using IHost host = _builder.Build();

        await host.StartAsync();

        Assert.That(host.Services.GetRequiredService<ICache<string, int>>(), Is.SameAs(fake));
        await host.StopAsync();
    }

    [Test]
    public async Task Start_CacheThatWasTakenOut_IsNoError()
    {
        _builder.Services.AddCachet<string, int>("products", static c => c.Memory());
        _builder.Services.Remove(_builder.Services.Single(static s => s.IsKeyedService && s.ServiceType == typeof(ICache<string, int>)));
        using IHost host = _builder.Build();

        Assert.That(await host.StartAsync().FaultAsync(), Is.Null);
        await host.StopAsync();
    }

    [Test]
    public async Task WithoutAHost_BrokenCache_IsNoticedWhenItIsAskedFor()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddCachet<string, int>("small", static c => c.Memory(static o => o.Capacity = 2))
            .AddCachet<string, string>("good", static c => c.Memory())
            .BuildServiceProvider();

        Assert.That(provider.GetRequiredService<ICache<string, string>>().Name, Is.EqualTo("good"));
        Assert.That(() => provider.GetRequiredService<ICache<string, int>>(), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static async Task<OptionsValidationException> FailureAsync(IHost host)
    {
        Exception? error = await host.StartAsync().FaultAsync();
        Assert.That(error, Is.InstanceOf<OptionsValidationException>());
        return (OptionsValidationException)error!;
    }

    private sealed class Limits;

    private sealed class Recorder : IHostedService
    {
        public bool Started { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Started = true;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
