using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CachetTests;

/// <summary>What a <see cref="HybridCache"/> with a second level has to do, besides all that one without has to.</summary>
public abstract class TwoLevelHybridCacheConformance(Form form) : HybridCacheConformance(form)
{
    private SecondLevel? _store;

    private SecondLevel Store => _store!;

    [TearDown]
    public void Forget() => _store = null;

    [Documented("What one process stored, another finds in the second level.")]
    public async Task GetOrCreate_StoredByAnother_DoesNotRunTheFactory()
    {
        await GetAsync("k");
        await Store.Written;

        Assert.That(await GetAsync("k", null, Node()), Is.EqualTo("v1"));
    }

    [Documented("The expiration is passed on to the second level.")]
    public async Task Expiration_OfACall_IsTheSecondLevels()
    {
        await GetAsync("k", Entries.For(10 * Minute, locally: Minute));
        await Store.Written;

        DistributedCacheEntryOptions options = Store.Writes.Single().Options;
        Assert.That(options.AbsoluteExpirationRelativeToNow ?? options.AbsoluteExpiration - Clock.UtcNow, Is.EqualTo(10 * Minute).Within(Minute));
    }

    [Documented("When the local expiration has passed the second level answers.")]
    public async Task LocalExpiration_Passed_AsksTheSecondLevel()
    {
        await GetAsync("k", Entries.For(10 * Minute, locally: Minute));
        await Store.Written;

        Clock.Advance(2 * Minute);

        Assert.That(await GetAsync("k", With(Entries.LocalOnly, HybridCacheEntryFlags.DisableUnderlyingData)), Is.Null);
        Assert.That(await GetAsync("k"), Is.EqualTo("v1"));
    }

    [Documented("A copy from the second level lives no longer locally than the entry has left to live.")]
    public async Task LocalExpiration_OfACopy_EndsWithTheEntry()
    {
        await GetAsync("k", Entries.For(10 * Minute));
        await Store.Written;
        HybridCache other = Node();
        Clock.Advance(9 * Minute);
        Assert.That(await GetAsync("k", Entries.For(10 * Minute), other), Is.EqualTo("v1"));

        Clock.Advance(2 * Minute);

        Assert.That(await GetAsync("k", Entries.For(10 * Minute), other), Is.EqualTo("v2"));
    }

    [Documented("Removing takes a key away from the second level, too.")]
    public async Task Remove_KnownKey_IsGoneFromTheSecondLevel()
    {
        await GetAsync("k");
        await Store.Written;

        await Cache.RemoveAsync("k");

        Assert.That(await GetAsync("k", null, Node()), Is.EqualTo("v2"));
    }

    [Documented("Removing a tag takes away what the second level has, too.")]
    public async Task RemoveByTag_KnownTag_IsGoneFromTheSecondLevel()
    {
        await GetAsync("k", tags: "red");
        await Store.Written;

        await RemoveByTagLaterAsync("red");

        Assert.That(await GetAsync("k", null, Node(), "red"), Is.EqualTo("v2"));
    }

    [Documented("Flags disable the second level, reading and writing apart.")]
    public async Task Flags_DisableDistributedCache_LeaveItAlone()
    {
        await Cache.SetAsync("local", "v", Entries.With(HybridCacheEntryFlags.DisableDistributedCacheWrite));
        await Cache.SetAsync("shared", "v");
        HybridCache other = Node();

        Assert.That(Store.Writes, Has.Count.EqualTo(1));
        Assert.That(await GetAsync("local", null, other), Is.EqualTo("v1"));
        Assert.That(await GetAsync("shared", Entries.With(HybridCacheEntryFlags.DisableDistributedCacheRead), other), Is.EqualTo("v2"));
    }

    [Documented("Flags disable the first level, reading and writing apart.")]
    public async Task Flags_DisableLocalCache_LeaveItAlone()
    {
        await Cache.SetAsync("k", "v", Entries.With(HybridCacheEntryFlags.DisableLocalCacheWrite));
        Assert.That(await GetAsync("k", With(Entries.LocalOnly, HybridCacheEntryFlags.DisableUnderlyingData)), Is.Null);
        await Node().SetAsync("k", "of another");

        Assert.That(await GetAsync("k"), Is.EqualTo("of another"));
        await Node().SetAsync("k", "of a third");
        Assert.That(await GetAsync("k", Entries.With(HybridCacheEntryFlags.DisableLocalCacheRead)), Is.EqualTo("of a third"));
    }

    [Documented("A serializer that is registered for a type writes and reads it.")]
    public async Task Serializer_Registered_IsUsed()
    {
        HybridSetup setup = new() { Services = static s => s.AddSingleton<IHybridCacheSerializer<Named>>(new NamedSerializer()) };
        await Node(setup).SetAsync("k", new Named { Name = "a" });

        Named found = await Node(setup).GetOrCreateAsync("k", static _ => new ValueTask<Named>(new Named { Name = "b" }));

        Assert.That(found.Name, Is.EqualTo("a, read"));
    }

    [Choice(
        "A serializer's exception reaches the caller, after one run of the factory.",
        "It is an error of the application's own code, and hiding it would mean a cache that never stores.")]
    public void Serializer_Throws_ReachesTheCaller()
    {
        HybridCache cache = Node(new() { Services = static s => s.AddSingleton<IHybridCacheSerializer<Named>>(new NamedSerializer { Fails = true }) });
        int runs = 0;

        Assert.That(
            async () => await cache.GetOrCreateAsync("k", _ =>
            {
                runs++;
                return new ValueTask<Named>(new Named());
            }),
            Throws.InstanceOf<NotSupportedException>());
        Assert.That(runs, Is.EqualTo(1));
    }

    [Choice("Whoever gets does not see that the second level fails, in whatever way it does.", "The first level and the factory are still there.")]
    public async Task GetOrCreate_SecondLevelFails_GivesTheValue()
    {
        foreach (Fault fault in SecondLevel.AllFaults)
        {
            Store.Fault = fault;
            string value = await GetAsync($"{fault}");

            Assert.That(value, Is.EqualTo($"v{Source.Runs}"));
            Assert.That(await GetAsync($"{fault}"), Is.EqualTo(value), "from the first level");
        }
    }

    [Choice("Whoever sets does not see that the second level fails.", "The first level has the value; the failure is in the telemetry.")]
    public async Task Set_SecondLevelFails_SetsTheFirst()
    {
        foreach (Fault fault in SecondLevel.AllFaults)
        {
            Store.Fault = fault;
            await Cache.SetAsync($"{fault}", "v");

            Assert.That(await GetAsync($"{fault}"), Is.EqualTo("v"));
        }
    }

    [Choice("Whoever removes does not see that the second level fails.", "The first level has dropped the value; the failure is in the telemetry.")]
    public async Task Remove_SecondLevelFails_RemovesFromTheFirst()
    {
        foreach (Fault fault in SecondLevel.AllFaults)
        {
            Store.Fault = Fault.None;
            await Cache.SetAsync($"{fault}", "v");
            Store.Fault = fault;

            await Cache.RemoveAsync($"{fault}");

            Assert.That(await GetAsync($"{fault}"), Is.EqualTo($"v{Source.Runs}"));
        }
    }

    [Choice("What the second level has and nobody can read counts as nothing.", "It is replaced by what the factory gives.")]
    public async Task GetOrCreate_ForeignPayload_RunsTheFactory()
    {
        await GetAsync("k");
        await Store.Written;

        Store.Overwrite("something else"u8.ToArray());

        Assert.That(await GetAsync("k", null, Node()), Is.EqualTo("v2"));
    }

    [Choice(
        "A value over the largest size stays out of the second level and is kept in the first.",
        "The limit protects the store, not the process that has the value already.")]
    public async Task MaximumPayloadBytes_Exceeded_IsKeptInTheFirstLevel()
    {
        HybridCache cache = Node(new() { MaximumPayloadBytes = 100 });
        await cache.SetAsync("k", new string('v', 1_000));
        await cache.SetAsync("k2", "small");

        Assert.That(Store.Writes, Has.Count.EqualTo(1));
        Assert.That(await GetAsync("k", null, cache), Is.EqualTo(new string('v', 1_000)));
    }

    [Choice(
        "Tuples and types with fields only come back from the second level as they were.",
        "A serializer that drops fields in silence loses data.")]
    public async Task GetOrCreate_FieldsOnly_ComeBack()
    {
        await Cache.SetAsync("tuple", (1, "a"));
        await Cache.SetAsync("fields", new FieldsOnly { Number = 1 });
        HybridCache other = Node();

        Assert.That(await other.GetOrCreateAsync("tuple", static _ => new ValueTask<(int, string)>((2, "b"))), Is.EqualTo((1, "a")));
        FieldsOnly fields = await other.GetOrCreateAsync("fields", static _ => new ValueTask<FieldsOnly>(new FieldsOnly { Number = 2 }));
        Assert.That(fields.Number, Is.EqualTo(1));
    }

    [Choice(
        "A tag that is removed in one process is removed in the others within a while.",
        "Otherwise they answer for as long as their copies live; how long the while may be is an option.")]
    public async Task RemoveByTag_InAnotherProcess_IsNoticed()
    {
        HybridCache other = Node();
        await GetAsync("k", Entries.For(60 * Minute), tags: "red");
        await Store.Written;
        Assert.That(await GetAsync("k", Entries.For(60 * Minute), other, "red"), Is.EqualTo("v1"));

        await RemoveByTagLaterAsync("red");
        Clock.Advance(5 * Minute);

        Assert.That(await GetAsync("k", Entries.For(60 * Minute), other, "red"), Is.EqualTo("v2"));
    }

    [Choice(
        "Any `IDistributedCache` is a second level, `MemoryDistributedCache` too.",
        "What was registered is used; tests and single processes rely on it.")]
    public async Task SecondLevel_MemoryDistributedCache_IsUsed()
    {
        var store = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions { Clock = Clock }));
        await Node(new() { SecondLevel = store }).SetAsync("k", "v");

        Assert.That(await GetAsync("k", null, Node(new() { SecondLevel = store })), Is.EqualTo("v"));
    }

    private protected override HybridSetup Complete(HybridSetup setup) => setup with { SecondLevel = setup.SecondLevel ?? (_store ??= new(Clock)) };

    private static HybridCacheEntryOptions With(HybridCacheEntryOptions options, HybridCacheEntryFlags flags) =>
        Entries.With(options.Flags!.Value | flags);

    internal sealed class FieldsOnly
    {
        public int Number;
    }

    internal sealed class Named
    {
        public string Name { get; set; } = "";
    }

    private sealed class NamedSerializer : IHybridCacheSerializer<Named>
    {
        public bool Fails { get; init; }

        public Named Deserialize(ReadOnlySequence<byte> source) => new() { Name = $"{Encoding.UTF8.GetString(source)}, read" };

        public void Serialize(Named value, IBufferWriter<byte> target)
        {
            if (Fails) throw new NotSupportedException();
            Encoding.UTF8.GetBytes(value.Name, target);
        }
    }
}
