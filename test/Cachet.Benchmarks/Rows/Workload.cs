using System.ComponentModel;

namespace CachetBenchmarks;

/// <summary>What every benchmark asks for: 1,024 keys of 16 characters in turn, with values of a reference type.</summary>
internal static class Workload
{
    public const int Count = 1024;
    public const int Mask = Count - 1;
    public const int Capacity = 10_000;

    public static readonly TimeSpan TimeToLive = TimeSpan.FromHours(1);

    public static readonly string[] Keys = [.. Enumerable.Range(0, Count).Select(static i => $"product:{i:D8}")];

    public static readonly Product[] Products = [.. Enumerable.Range(0, Count).Select(static i => new Product($"name {i}", i))];
}

/// <summary>A value that HybridCache may hand out as it is, without a copy for each caller.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Stock">How many there are.</param>
[ImmutableObject(true)]
public sealed record Product(string Name, int Stock);
