using Microsoft.Extensions.DependencyInjection;

namespace CachetTests.Consumers;

/// <summary>What a consumer of <c>IDistributedCache</c> gets.</summary>
public enum Engine
{
    /// <summary>Redis, instrumented.</summary>
    DecoratedRedis,

    /// <summary>A Cachet in front of Redis, shown as a distributed cache.</summary>
    Face,
}

internal static class EngineRegistration
{
    /// <summary>Registers an engine over the shared server, as an application does.</summary>
    /// <param name="services">Where.</param>
    /// <param name="engine">Which one.</param>
    /// <param name="name">What it is called in telemetry.</param>
    public static IServiceCollection AddEngine(this IServiceCollection services, Engine engine, string name) =>
        services.AddSharedRedis().Cover(engine, name);

    /// <summary>Registers the shared server, with keys of the running test alone.</summary>
    public static IServiceCollection AddSharedRedis(this IServiceCollection services)
    {
        string prefix = $"{TestContext.CurrentContext.Test.ID}:"; // The options are read when they are first used, which may be outside of the test's context.
        return services.AddStackExchangeRedisCache(o =>
        {
            o.Configuration = Server.Garnet.EndPoint;
            o.InstanceName = prefix;
        });
    }

    /// <summary>Makes an engine of the store that is registered.</summary>
    public static IServiceCollection Cover(this IServiceCollection services, Engine engine, string name) => engine switch
    {
        Engine.DecoratedRedis => services.InstrumentDistributedCache(name),
        Engine.Face => services.AddCachetDistributedCache(name),
        _ => throw new ArgumentOutOfRangeException(nameof(engine), engine, "No engine."),
    };
}
