using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Cachet;

/// <summary>Creates services that are told the key under which they are registered.</summary>
internal static class KeyedActivation
{
    public static bool WantsItsKey([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type) =>
        type.GetConstructors().SelectMany(static c => c.GetParameters()).Any(static p => p.IsDefined(typeof(ServiceKeyAttribute), inherit: true));

    public static Func<IServiceProvider, object?, object> Of(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type, object key) =>
        (provider, _) => ActivatorUtilities.CreateInstance(provider, type, key);
}
