using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cachet;

/// <summary>The caches of one container: which names are taken, and how each cache is asked for.</summary>
internal sealed class RegisteredCaches
{
    private readonly Dictionary<string, Registration> _byName = new(StringComparer.Ordinal);

    /// <summary>Every cache's name, and what asks the container for it.</summary>
    public IEnumerable<(string Name, Func<IServiceProvider, object?> Get)> All => _byName.Select(static c => (c.Key, c.Value.Get));

    public static RegisteredCaches In(IServiceCollection services)
    {
        foreach (ServiceDescriptor service in services)
        {
            if (!service.IsKeyedService && service.ImplementationInstance is RegisteredCaches there) return there;
        }

        var caches = new RegisteredCaches();
        services.AddSingleton(caches);
        services.AddOptions<CachesAtStart>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<CachesAtStart>, StartValidation>();
        return caches;
    }

    // The cache may have been taken out again, or replaced, by a test, say.
    public void Add<TKey, TValue>(string name)
        where TKey : notnull => Add(name, typeof(ICache<TKey, TValue>), provider => provider.GetKeyedService<ICache<TKey, TValue>>(name));

    /// <summary>Takes a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">What the cache is asked for as.</param>
    /// <param name="get">Asks the container for it.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, Type type, Func<IServiceProvider, object?> get)
    {
        if (_byName.TryAdd(name, new(type, get))) return;
        throw new ArgumentException($"There is a cache named '{name}' in this container already. Give each a name of its own.", nameof(name));
    }

    public string OnlyOne(Type type)
    {
        string[] names = [.. _byName.Where(c => c.Value.Type == type).Select(static c => c.Key)];
        return names.Length == 1 ? names[0] : throw new InvalidOperationException(
            $"There are several caches of type {type}: {string.Join(", ", names)}. Ask for one by name, with [FromKeyedServices(\"{names[0]}\")] or "
            + "GetRequiredKeyedService.");
    }

    private readonly record struct Registration(Type Type, Func<IServiceProvider, object?> Get);
}
