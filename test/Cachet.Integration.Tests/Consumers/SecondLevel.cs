namespace CachetTests.Consumers;

/// <summary>What is beneath a HybridCache.</summary>
public enum SecondLevel
{
    /// <summary>Redis, instrumented as a tier of the HybridCache.</summary>
    DecoratedRedis,

    /// <summary>A Cachet over Redis, shown as a distributed cache: a cache of its own.</summary>
    Face,

    /// <summary>The same, instrumented as a tier of the HybridCache.</summary>
    FaceAsTier,
}
