using Cachet;

namespace CachetTests;

/// <summary>What fake tiers and gates leave to the tests.</summary>
internal static class Holds
{
    /// <summary>Lets other work go on until a condition holds that nothing announces; the fixture's time-out ends a wait in vain.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition()) await Task.Yield();
    }

    /// <summary>Lets one kind of call fail with one instance.</summary>
    public static void FailOn(this FakeCacheTier<string, string?> tier, CacheOperation operation, Exception error) =>
        tier.FailWhen(c => c.Operation == operation, _ => error);
}
