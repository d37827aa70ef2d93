using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;

namespace Cachet;

/// <summary>The distributed cache that was registered before Cachet's. It stays registered where only this finds it: the container creates and disposes of
/// it as before.</summary>
/// <remarks>Kept under the type <see cref="object"/>, so that it is not among all keyed services of its own type, and under this object as its key.</remarks>
internal sealed class TakenOverStore
{
    private readonly IDistributedCache? _instance;

    private TakenOverStore(IDistributedCache? instance) => _instance = instance;

    /// <summary>Takes over what the container would give; <see langword="null"/> if there is nothing.</summary>
    /// <exception cref="InvalidOperationException">It is one for each scope.</exception>
    public static TakenOverStore? In(IServiceCollection services)
    {
        ServiceDescriptor? last = services.LastOrDefault(static s => s.ServiceType == typeof(IDistributedCache) && !s.IsKeyedService);
        if (last is null) return null;
        if (last.Lifetime == ServiceLifetime.Scoped)
        {
            throw new InvalidOperationException(
                "The IDistributedCache of this container is registered for each scope, and a cache outlives them all. Register it as a singleton, or set the Store.");
        }

        services.Remove(last);
        var taken = new TakenOverStore(last.ImplementationInstance as IDistributedCache);
        if (last.ImplementationFactory is { } create) services.Add(new(typeof(object), taken, (provider, _) => create(provider), last.Lifetime));
        else if (last.ImplementationType is { } type) services.Add(new(typeof(object), taken, type, last.Lifetime));
        return taken;
    }

    public IDistributedCache Get(IServiceProvider provider) => _instance ?? (IDistributedCache)provider.GetRequiredKeyedService<object>(this);
}
