using Cachet;

namespace CachetTests;

public class ToStringTests
{
    [Test]
    public async Task ToString_OfWhatACacheHandsOut_SaysNeitherKeyNorValue()
    {
        var events = new CacheEventRecorder();
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("test").Memory().EventHandler(events);
        await using ICache<string, string> cache = builder.Build();
        await cache.InsertAsync("secret key", "secret value");
        CacheEntry<string>? entry = await cache.GetAsync("secret key");

        object?[] things =
        [
            builder, cache, entry, new TierReadResult<string> { Entry = entry }, KeyRecording.Full,
            .. events.TierEvents.Cast<object>(), .. events.OperationEvents.Cast<object>(),
        ];

        Assert.That(things, Has.Length.EqualTo(9));
        Assert.That(things.Select(static t => t!.ToString()), Has.None.Contains("secret"));
    }
}
