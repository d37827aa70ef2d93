namespace Cachet.Examples;

/// <summary>The examples by name, in the order in which they are best read.</summary>
public static class Examples
{
    /// <summary>What runs each; it is given where to print its lines.</summary>
    public static OrderedDictionary<string, Func<Action<string>, Task>> All { get; } = new()
    {
        ["simple"] = SimpleExample.RunAsync,
        ["get-or-insert"] = GetOrInsertExample.RunAsync,
        ["two-tier"] = TwoTierExample.RunAsync,
        ["multi-tier"] = MultiTierExample.RunAsync,
        ["refresh"] = RefreshExample.RunAsync,
        ["custom-tier"] = CustomTierExample.RunAsync,
        ["service-as-storage"] = ServiceAsStorageExample.RunAsync,
        ["serialization"] = SerializationExample.RunAsync,
        ["type-mapping"] = TypeMappingExample.RunAsync,
        ["error-handling"] = ErrorHandlingExample.RunAsync,
        ["stampede-protection"] = StampedeProtectionExample.RunAsync,
        ["testing"] = TestingExample.RunAsync,
    };
}
