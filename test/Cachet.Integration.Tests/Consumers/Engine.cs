using Microsoft.Extensions.DependencyInjection;

namespace CachetTests.Consumers;

/// <summary>What a consumer of <c>IDistributedCache</c> gets.</summary>
public enum Engine
{
    /// <summary>Redis, instrumented.</summary>
    DecoratedRedis,
}

internal static class EngineRegistration
{
    /// <summary>Registers an engine over the shared server, as an application does.</summary>
    /// <param name="services">Where.</param>
    /// <param name="engine">Which one.</param>
    /// <param name="name">What it is called in telemetry.</param>
    public static IServiceCollection AddEngine(this IServiceCollection services, Engine engine, string name)
    {
        string prefix = $"{TestContext.CurrentContext.Test.ID}:"; // Its options are read when it is first used, which may be outside of the test's context.
        services.AddStackExchangeRedisCache(o =>
        {
            o.Configuration = Server.Garnet.EndPoint;
            o.InstanceName = prefix;
        });
        return services.Cover(engine, name);
    }

    /// <summary>Makes an engine of the store that is registered.</summary>
    public static IServiceCollection Cover(this IServiceCollection services, Engine engine, string name) => engine switch
    {
        Engine.DecoratedRedis => services.InstrumentDistributedCache(name),
        _ => throw new ArgumentOutOfRangeException(nameof(engine), engine, "No engine."),
    };
}
