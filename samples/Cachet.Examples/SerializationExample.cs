using System.Buffers;
using System.Text;
using System.Text.Json.Serialization;
using Cachet.Testing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Cachet.Examples;

/// <summary>How values become bytes: by System.Text.Json unless told otherwise, by its source generator, or by a serializer of one's own.</summary>
internal static class SerializationExample
{
    public static async Task RunAsync(Action<string> print)
    {
        IDistributedCache store = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));

        // The way for trimmed and ahead-of-time compiled applications: no reflection.
        await using ICache<int, Fruit> json = Cache.Builder<int, Fruit>("fruits")
            .Distributed(store, static o => o.JsonTypeInfo = FruitJson.Default.Fruit)
            .Build();
        await json.InsertAsync(1, new("apple", 12));
        print($"as JSON: {(await json.GetAsync(1))?.Value}");

        // Every serializer that was written for HybridCache fits.
        var events = new CacheEventRecorder();
        await using ICache<int, Fruit> own = Cache.Builder<int, Fruit>("fruits")
            .Distributed(store, static o => o.Serializer = new FruitSerializer())
            .EventHandler(events)
            .Build();

        // What another serializer wrote is refused softly: as after a miss, the loader runs, and what it gives is written over it.
        print($"as text: {await own.GetOrInsertAsync(1, static (_, _) => new(new Fruit("pear", 7)))}");
        print($"as text: {await own.GetOrInsertAsync(1, static (_, _) => new(new Fruit("plum", 3)))}");
        print(string.Join(", ", events.TierLines));
    }

    private sealed class FruitSerializer : IHybridCacheSerializer<Fruit>
    {
        public void Serialize(Fruit value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes($"{value.Amount} {value.Name}", target);

        public Fruit Deserialize(ReadOnlySequence<byte> source) => Encoding.UTF8.GetString(source).Split(' ', 2) is [{ } amount, { } name]
            ? new(name, int.Parse(amount))
            : throw new FormatException("No fruit.");
    }
}

internal sealed record Fruit(string Name, int Amount);

[JsonSerializable(typeof(Fruit))]
internal sealed partial class FruitJson : JsonSerializerContext;
