using Cachet;

namespace CachetTests.Registry;

/// <summary>Everything that can happen to a cache, each in a cache of its own.</summary>
internal sealed class Story(EmissionRecorder recorder, CancellationToken cancellationToken)
{
    public async Task TellAsync()
    {
        await Play("reads", ReadScenes.FoundAndNotFound);
        await Play("expired", ReadScenes.Expired);
        await Play("failing-reads", ReadScenes.Failing);
        await Play("cancelled-reads", ReadScenes.Cancelled);
        await Play("loads", ReadScenes.Loads);

        await Play("followers", FollowerScenes.OfLookups);
        await Play("followers-of-loads", FollowerScenes.OfLoads);

        await Play("writes", WriteScenes.Accepted);
        await Play("refused-writes", WriteScenes.Refused);
        await Play("failing-writes", WriteScenes.Failing);
        await Play("cancelled-writes", WriteScenes.Cancelled);

        await Play("refreshes", RefreshScenes.FromATier);
        await Play("loading-refreshes", RefreshScenes.ByALoader);
        await Play("vain-refreshes", RefreshScenes.InVain);
        await Play("failing-refreshes", RefreshScenes.Failing);
        await Play("cancelled-refreshes", RefreshScenes.Cancelled);
        await Play("coalesced-refreshes", RefreshScenes.Coalesced);

        var store = new DamagingStore();
        await Play("store", StoreScenes.Sizes, b => b.Memory().Distributed(store, static o => o.MaximumPayloadBytes = 100));
        await Play("damage", s => StoreScenes.Damage(s, store), b => b.Distributed(store));
        await Play("damage-behind", s => StoreScenes.Damage(s, store), b => b.Memory().Distributed(store));
        await Play("serializer", StoreScenes.Unreadable, b => b.Distributed(store, static o => o.Serializer = new RefusingSerializer()));

        await Play("evictions", EvictionScenes.Crowded, static b => b.Memory(static o => o.Capacity = 3).Memory(static o => o.Capacity = 3));
        await Play("expiries", EvictionScenes.Expired, static b => b.Memory(Minute).Memory(Minute));
        await Play("handlers", HandlerScenes.Throwing, static b => b.Memory().EventHandler(new ThrowingHandler()));

        await DecoratorScenes.Distributed("sessions", null);
        await DecoratorScenes.Distributed("products", "l2");
        await DecoratorScenes.Hybrid("products");
        await FaceScenes.InMemory(recorder);
    }

    private static void Minute(MemoryTierOptions<string, string> options) => options.TimeToLive = TimeSpan.FromMinutes(1);

    private async Task Play(
        string name, Func<Scene, Task> act, Func<CacheBuilder<string, string>, CacheBuilder<string, string>>? tiers = null)
    {
        await using var scene = new Scene(recorder, name, cancellationToken, tiers);
        await act(scene);
    }
}
