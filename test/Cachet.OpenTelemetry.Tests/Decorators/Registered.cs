using Microsoft.Extensions.DependencyInjection;

namespace CachetTests.Decorators;

/// <summary>Caches that are decorated where they are registered.</summary>
internal static class Registered
{
    /// <summary>A cache that a factory gives, decorated, with the container's clock.</summary>
    public static T Cache<T>(T cache, TimeProvider clock, Action<IServiceCollection> instrument)
        where T : class
    {
        var services = new ServiceCollection();
        services.AddSingleton(clock);
        services.AddSingleton(_ => cache);
        instrument(services);
        return services.BuildServiceProvider().GetRequiredService<T>();
    }
}
