using Microsoft.Extensions.DependencyInjection;

namespace Cachet;

/// <summary>A registration whose service is decorated. What was registered stays registered, as it was, where only this finds it: the container creates
/// and disposes of the inner cache as before.</summary>
/// <remarks>The inner cache is kept under the type <see cref="object"/>, so that it is not among all keyed services of its own type, and under this object
/// as its key.</remarks>
internal sealed class DecoratedService<TService>(Decoration decoration, Func<TService, Decoration, IServiceProvider?, TService> decorate) : IDecorated
    where TService : class
{
    public Decoration Decoration => decoration;

    /// <summary>Decorates every registration of a service, with a key or without.</summary>
    /// <param name="services">Where they are.</param>
    /// <param name="serviceKey">The key; <see langword="null"/> for those without.</param>
    /// <param name="decoration">What the cache is called.</param>
    /// <param name="decorate">Decorates one; without a provider, at once.</param>
    /// <param name="remedy">What to call first, where there is none.</param>
    public static void Replace(
        IServiceCollection services,
        object? serviceKey,
        Decoration decoration,
        Func<TService, Decoration, IServiceProvider?, TService> decorate,
        string remedy)
    {
        int[] places = [.. Enumerable.Range(0, services.Count).Where(i => IsMeant(services[i], serviceKey))];
        if (places.Length == 0)
        {
            string key = serviceKey is null ? "" : $" with the key '{serviceKey}'";
            throw new InvalidOperationException(
                $"There is no {typeof(TService).Name}{key} to instrument in this container yet. Register it first, with {remedy}; then instrument it.");
        }

        // All are looked at before the first is changed.
        foreach (int i in places) DecorationOf(services[i])?.ThrowUnlessSame(decoration);
        foreach (int i in places.Where(i => DecorationOf(services[i]) is null))
        {
            services[i] = InstanceOf(services[i]) is TService instance
                ? new(typeof(TService), serviceKey, decorate(instance, decoration, null))
                : new DecoratedService<TService>(decoration, decorate).InsteadOf(services[i], services);
        }
    }

    private static bool IsMeant(ServiceDescriptor service, object? serviceKey) =>
        service.ServiceType == typeof(TService) && (service.IsKeyedService ? service.ServiceKey!.Equals(serviceKey) : serviceKey is null);

    private static object? InstanceOf(ServiceDescriptor service) =>
        service.IsKeyedService ? service.KeyedImplementationInstance : service.ImplementationInstance;

    private static Decoration? DecorationOf(ServiceDescriptor service)
    {
        Delegate? factory = service.IsKeyedService ? service.KeyedImplementationFactory : service.ImplementationFactory;
        return ((factory?.Target ?? InstanceOf(service)) as IDecorated)?.Decoration;
    }

    private ServiceDescriptor InsteadOf(ServiceDescriptor service, IServiceCollection services)
    {
        services.Add(Inner(service));
        return service.IsKeyedService
            ? new(typeof(TService), service.ServiceKey, ResolveKeyed, service.Lifetime)
            : new(typeof(TService), Resolve, service.Lifetime);
    }

    private ServiceDescriptor Inner(ServiceDescriptor service)
    {
        if (!service.IsKeyedService)
        {
            return service.ImplementationFactory is { } create
                ? new(typeof(object), this, (provider, _) => create(provider), service.Lifetime)
                : new(typeof(object), this, service.ImplementationType!, service.Lifetime);
        }

        object key = service.ServiceKey!;
        if (service.KeyedImplementationFactory is { } createKeyed)
        {
            return new(typeof(object), this, (provider, _) => createKeyed(provider, key), service.Lifetime);
        }

        // A type that wants to be told its key must be told the one it was registered with.
        return KeyedActivation.WantsItsKey(service.KeyedImplementationType!)
            ? new(typeof(object), this, KeyedActivation.Of(service.KeyedImplementationType!, key), service.Lifetime)
            : new(typeof(object), this, service.KeyedImplementationType!, service.Lifetime);
    }

    private object Resolve(IServiceProvider provider) => ResolveKeyed(provider, null);

    private object ResolveKeyed(IServiceProvider provider, object? serviceKey) =>
        ((IKeyedServiceProvider)provider).GetKeyedService(typeof(object), this) is TService inner
            ? decorate(inner, decoration, provider)
            : null!; // A factory may give nothing; then there is nothing to decorate.
}
