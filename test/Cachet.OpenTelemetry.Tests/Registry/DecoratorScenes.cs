using System.Diagnostics;
using Cachet;
using CachetTests.Decorators;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;

namespace CachetTests.Registry;

/// <summary>Caches that are not Cachet's, decorated.</summary>
internal static class DecoratorScenes
{
    /// <summary>A distributed cache, alone or as a tier; calls below an activity of their caller, and below none.</summary>
    public static async Task Distributed(string name, string? tier)
    {
        var inner = new ScriptedBufferDistributedCache { Answer = DistributedCalls.Good };
        IDistributedCache cache = inner.Instrumented(name, tier);
        await CallAllAsync(cache, default);
        await cache.GetAsync("k");
        inner.Answer = static m => m == "Get" ? null : throw new IOException();
        await CallAllAsync(cache, default);
        inner.Answer = static m => throw new OperationCanceledException();
        await CallAllAsync(cache, new(canceled: true));
    }

    /// <summary>A HybridCache: what another cache cannot come to.</summary>
    public static async Task Hybrid(string name)
    {
        HybridCache cache = new ScriptedHybridCache().Instrumented(name);
        await cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(1));
        await cache.RemoveByTagAsync("t");
        var inner = new ScriptedHybridCache { Answer = static _ => Task.FromResult(0) };
        await inner.Instrumented(name).GetOrCreateAsync<int>("k", null!, new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData });
    }

    private static async Task CallAllAsync(IDistributedCache cache, CancellationToken token)
    {
        using Activity request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        foreach (string member in DistributedCalls.Members)
        {
            try
            {
                if (cache.Call(member, token) is Task task) await task;
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // As the scene has it.
            }
        }
    }
}
