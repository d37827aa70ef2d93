using System.Diagnostics;
using Cachet;
using Cachet.QuickStart;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CachetTests.Otlp;

/// <summary>An application as its developers set it up: a host, a cache of two tiers, and all three signals with exporters.</summary>
internal sealed class ObservedShop : IAsyncDisposable
{
    private const int FlushTakesMilliseconds = 20_000;

    private readonly IHost _host;
    private readonly StoryClock _clock;

    private ObservedShop(IHost host, StoryClock clock, CacheEventRecorder events)
    {
        _host = host;
        _clock = clock;
        Events = events;
        Products = host.Services.GetRequiredService<ICache<string, Product>>();
    }

    public ICache<string, Product> Products { get; }

    public CacheEventRecorder Events { get; }

    public static async Task<ObservedShop> OpenAsync(Exporters exporters)
    {
        var clock = new StoryClock();
        var events = new CacheEventRecorder();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new()); // Empty: no settings of whoever runs the tests.
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddStackExchangeRedisCache(static o => o.Configuration = Server.Garnet.EndPoint);
        builder.Services.AddCachet<string, Product>("products", cache => cache
            .Memory(static o =>
            {
                o.TimeToLive = TimeSpan.FromSeconds(30);
                o.TimeToRefresh = TimeSpan.FromSeconds(20);
            })
            .Distributed(static o =>
            {
                o.TimeToLive = TimeSpan.FromMinutes(10);
                o.KeyPrefix = $"{Guid.NewGuid()}:";
            })
            .EventHandler(events)
            .EnableLogs());
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource.AddService("shop", serviceVersion: "2.1"))
            .WithTracing(traces => exporters.Traces(traces.AddSource(Telemetry.Tests.Name)))
            .WithMetrics(metrics => exporters.Metrics(metrics.SetExemplarFilter(ExemplarFilterType.TraceBased)))
            .WithLogging(logs => exporters.Logs(logs))
            .AddCachetInstrumentation();
        IHost host = builder.Build();
        await host.StartAsync();
        return new(host, clock, events);
    }

    public void MoveOn(TimeSpan by) => _clock.MoveOn(by);

    /// <summary>Has the three providers send what waits.</summary>
    public void Flush()
    {
        _host.Services.GetRequiredService<TracerProvider>().ForceFlush(FlushTakesMilliseconds);
        _host.Services.GetRequiredService<MeterProvider>().ForceFlush(FlushTakesMilliseconds);
        _host.Services.GetRequiredService<LoggerProvider>().ForceFlush(FlushTakesMilliseconds);
    }

    /// <summary>Shuts the three providers down, and gives each of them so long for it.</summary>
    public void ShutTelemetryDown(int timeoutMilliseconds)
    {
        _host.Services.GetRequiredService<TracerProvider>().Shutdown(timeoutMilliseconds);
        _host.Services.GetRequiredService<MeterProvider>().Shutdown(timeoutMilliseconds);
        _host.Services.GetRequiredService<LoggerProvider>().Shutdown(timeoutMilliseconds);
    }

    /// <summary>Does something inside a span of its own, as a web server does.</summary>
    public static async Task<T> RequestAsync<T>(string name, Func<ValueTask<T>> work)
    {
        using Activity? request = Telemetry.Tests.StartActivity(name);
        return await work();
    }

    /// <summary>Waits for what the cache does in the background, and sends all that was not sent.</summary>
    public async ValueTask DisposeAsync()
    {
        await Products.DisposeAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
