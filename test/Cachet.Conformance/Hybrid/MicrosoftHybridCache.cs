using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests;

/// <summary>.NET's own hybrid cache.</summary>
internal static class MicrosoftHybridCache
{
    public static void Register(IServiceCollection services, HybridSetup setup) => services.AddHybridCache(options =>
    {
        options.DefaultEntryOptions = setup.Defaults;
        if (setup.MaximumPayloadBytes is { } bytes) options.MaximumPayloadBytes = bytes;
    });
}

[Implementation("Microsoft", typeof(HybridCacheOptions))]
[Deviates(nameof(Remove_NullOrEmptyKey_DoesNothing), "No key is an `ArgumentNullException`.")]
[Deviates(nameof(RemoveByTag_StoredLaterInTheSameTick_Stays), "What has the time of the removal counts as older.")]
[Deviates(nameof(Remove_WhileTheFactoryRuns_LeavesNothing), "The factory's value is stored after the removal, and stays.")]
[Deviates(nameof(Set_WithoutLife_DropsTheEntry), "What was stored stays.")]
public class MicrosoftHybridCacheTests(Form form) : HybridCacheConformance(form)
{
    private protected override void Register(IServiceCollection services, HybridSetup setup) => MicrosoftHybridCache.Register(services, setup);
}

[Implementation("Microsoft, two levels", typeof(HybridCacheOptions))]
[DeclaredAs(typeof(MicrosoftHybridCacheTests))]
[Deviates(nameof(Remove_SecondLevelFails_RemovesFromTheFirst), "The second level's exception is thrown.")]
[Deviates(
    nameof(RemoveByTag_InAnotherProcess_IsNoticed),
    "What a process once knows of a tag it does not ask for again, at least not within minutes.")]
[Deviates(nameof(SecondLevel_MemoryDistributedCache_IsUsed), "It is told by its type, and left out.")]
public class MicrosoftTwoLevelHybridCacheTests(Form form) : TwoLevelHybridCacheConformance(form)
{
    private protected override void Register(IServiceCollection services, HybridSetup setup) => MicrosoftHybridCache.Register(services, setup);
}
