using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CachetTests.Snippets;

public class ApplicationTests
{
    private static HostApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddDistributedMemoryCache();
        builder.Configuration.AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        return builder;
    }

    [Test]
    public async Task AddCachet_InAHost_IsInjected()
    {
        HostApplicationBuilder builder = Builder();

        // snippet: add-cachet
        builder.Services.AddCachet<string, Product>("products", c => c.Memory().Distributed());
        builder.Services.AddSingleton<Catalogue>();
        // end
        builder.Services.AddSingleton<ProductDatabase>();
        using IHost host = builder.Build();
        await host.StartAsync();
        Assert.That((await host.Services.GetRequiredService<Catalogue>().FindAsync("p1", default)).Id, Is.EqualTo("p1"));
        await host.StopAsync();
    }

    [Test]
    public async Task AddCachet_SeveralOfOneType_AreInjectedByName()
    {
        HostApplicationBuilder builder = Builder();

        // snippet: add-cachet-several
        builder.Services
            .AddCachet<string, decimal>("prices", c => c.Memory(o => o.TimeToLive = TimeSpan.FromMinutes(1)))
            .AddCachet<string, decimal>("rates", (services, c) => c
                .Memory()
                .EnableLogs()                                                        // with the container's logger factory
                .EventHandler(services.GetRequiredService<HitRatio>()));             // never one that is merely registered
        // end
        builder.Services.AddSingleton<HitRatio>().AddSingleton<PriceList>();
        using IHost host = builder.Build();
        await host.StartAsync();
        await host.Services.GetRequiredKeyedService<ICache<string, decimal>>("prices").InsertAsync("p1", 3);
        await host.Services.GetRequiredKeyedService<ICache<string, decimal>>("rates").InsertAsync("dkk", 7);
        Assert.That(await host.Services.GetRequiredService<PriceList>().FindAsync("p1", "dkk", default), Is.EqualTo(21));
        await host.StopAsync();
    }

    [Test]
    public async Task Configuration_OfASection_WinsOverCode()
    {
        HostApplicationBuilder builder = Builder(("Cachet:products:L1:Capacity", "lots"));

        // snippet: configuration
        builder.Services.AddCachet<string, Product>("products", c => c
            .Memory()
            .Distributed()
            .Configuration(builder.Configuration.GetSection("Cachet:products")));
        // end
        using IHost host = builder.Build();
        Assert.That(
            async () => await host.StartAsync(),
            Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("'Cachet:products:L1:Capacity' is 'lots'"));
        await host.StopAsync();
    }

    [Test]
    public async Task Configuration_Alone_DescribesTheTiers()
    {
        HostApplicationBuilder builder = Builder(("Cachet:products:L1:Type", "Memory"), ("Cachet:products:L2:Type", "Distributed"));

        // snippet: configuration-alone
        builder.Services.AddCachet<string, Product>("products", builder.Configuration.GetSection("Cachet:products"));
        // end
        using IHost host = builder.Build();
        await host.StartAsync();
        Assert.That(host.Services.GetRequiredService<ICache<string, Product>>().Name, Is.EqualTo("products"));
        await host.StopAsync();
    }

    [Test]
    public void Telemetry_OfAHost_IsRegistered()
    {
        HostApplicationBuilder builder = Builder();

        // snippet: telemetry
        builder.Services.AddOpenTelemetry()
            .WithTracing(t => t.AddCachetInstrumentation().AddOtlpExporter())
            .WithMetrics(m => m.AddCachetInstrumentation().AddOtlpExporter());
        // end
        Assert.That(builder.Services.Select(static s => s.ServiceType), Has.Member(typeof(TracerProvider)).And.Member(typeof(MeterProvider)));
    }

    [Test]
    public async Task TelemetryOptions_OfAHost_Count()
    {
        HostApplicationBuilder builder = Builder(("Telemetry:Cachet:RemoteTierSpans", "false"));
        List<Activity> spans = [];

        // snippet: telemetry-options
        builder.Services.AddOpenTelemetry()
            .AddCachetInstrumentation(o =>
            {
                o.LocalTierSpans = false;                                      // a hit in memory makes one span, not two
                o.Filter = (cache, operation) => cache.Name != "sessions";     // no spans of these; their metrics stay whole
                o.Enrich = (span, e) => span.SetTag("app.region", "north");    // once it is known what the operation came to
                o.KeyRecording = KeyRecording.Hash;                            // as cache.key, on the spans of operations
            })
            .WithTracing(t => t.AddOtlpExporter())
            .WithMetrics(m => m.AddOtlpExporter());
        // end
        // snippet: telemetry-configured
        builder.Services.Configure<CachetTraceOptions>(builder.Configuration.GetSection("Telemetry:Cachet"));
        // end
        builder.Services.ConfigureOpenTelemetryTracerProvider(t => t.AddInMemoryExporter(spans));
        builder.Services.AddCachet<string, Product>("products", static c => c.Memory().Distributed());
        builder.Services.AddCachet<string, string>("sessions", static c => c.Memory());
        using IHost host = builder.Build();
        await host.StartAsync();
        await host.Services.GetRequiredService<ICache<string, Product>>().GetAsync("p1");
        await host.Services.GetRequiredService<ICache<string, string>>().GetAsync("s1");

        Assert.That(spans.Select(static s => $"{s.DisplayName} {s.GetTagItem("app.region")}"), Is.EqualTo(["cache.get products north"]));
        Assert.That(spans[0].GetTagItem("cache.key"), Does.Match("^[0-9a-f]{16}$"));
        await host.StopAsync();
    }
}

// snippet: injected
internal sealed class Catalogue(ICache<string, Product> products, ProductDatabase database)
{
    public ValueTask<Product> FindAsync(string id, CancellationToken cancellationToken) =>
        products.GetOrInsertAsync(id, database, static (id, db, ct) => db.ReadAsync(id, ct), cancellationToken);
}
// end

// snippet: injected-by-name
internal sealed class PriceList(
    [FromKeyedServices("prices")] ICache<string, decimal> prices,
    [FromKeyedServices("rates")] ICache<string, decimal> rates)
{
    public async ValueTask<decimal?> FindAsync(string id, string currency, CancellationToken cancellationToken) =>
        (await prices.GetAsync(id, cancellationToken))?.Value * (await rates.GetAsync(currency, cancellationToken))?.Value;
}
// end
