using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cachet;

/// <summary>A log as the builder was asked for it; Build makes it.</summary>
/// <param name="Factory">Makes the logger; <see langword="null"/> for the factory of the container that builds the cache.</param>
/// <param name="Options">Its options.</param>
internal sealed record LogPlan(ILoggerFactory? Factory, CacheLogOptions Options)
{
    public static LogPlan Of(ILoggerFactory? factory, Action<CacheLogOptions>? configure)
    {
        var options = new CacheLogOptions();
        configure?.Invoke(options);
        return new(factory, options);
    }

    public CacheLog Create(string cacheName, IServiceProvider? services)
    {
        ILoggerFactory factory = Factory ?? services?.GetService<ILoggerFactory>() ?? throw new InvalidOperationException(
            $"Cache '{cacheName}' has its log enabled, and no ILoggerFactory. Register one (AddLogging) in the container that AddCachet builds this "
            + "cache from, or hand one in: EnableLogs(loggerFactory).");
        return new(cacheName, factory.CreateLogger(TelemetryNames.Scope), Options);
    }
}
