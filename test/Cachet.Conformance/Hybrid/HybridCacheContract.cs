using Microsoft.Extensions.Caching.Hybrid;

namespace CachetTests;

/// <summary>What is documented of <see cref="HybridCache"/>.</summary>
public abstract class HybridCacheContract(Form form) : HybridCacheFixture(form)
{
    [Documented("An unknown key runs the factory, and its value is what the caller gets.")]
    public async Task GetOrCreate_UnknownKey_RunsTheFactory()
    {
        Assert.That(await GetAsync("k"), Is.EqualTo("v1"));
        Assert.That(Source.Runs, Is.EqualTo(1));
    }

    [Documented("A known key does not run it.")]
    public async Task GetOrCreate_KnownKey_DoesNotRunTheFactory()
    {
        await GetAsync("k");

        Assert.That(await GetAsync("k"), Is.EqualTo("v1"));
        Assert.That(Source.Runs, Is.EqualTo(1));
    }

    [Documented("The factory gets the state of the call.")]
    public async Task GetOrCreate_State_IsHandedOver() => Assert.That(
        await Cache.GetOrCreateAsync("k", "state", static (state, _) => new ValueTask<string>($"of {state}")), Is.EqualTo("of state"));

    [Documented("A key is the same as a string, as a span and interpolated.")]
    public async Task GetOrCreate_KeyInAnyShape_IsTheSameKey()
    {
        int number = 1;
        await GetAsync("k1");

        Assert.That(await Cache.GetOrCreateAsync("k1".AsSpan(), Source.NextAsync), Is.EqualTo("v1"));
        Assert.That(await Cache.GetOrCreateAsync($"k{number}", Source.NextAsync), Is.EqualTo("v1"));
    }

    [Documented("Concurrent callers of a key share one run of the factory.")]
    public async Task GetOrCreate_ConcurrentCallers_ShareOneRun()
    {
        var source = new HeldSource();
        Task<string>[] callers = [.. Enumerable.Range(0, 20).Select(_ => Cache.GetOrCreateAsync("k", source.NextAsync).AsTask())];

        await source.Asked;
        source.Answer();

        Assert.That(await Task.WhenAll(callers).WaitAsync(Limit), Is.All.EqualTo("v1"));
        Assert.That(source.Runs, Is.EqualTo(1));
    }

    [Documented("The factory goes on for those who stay when the caller whose factory it is leaves.")]
    public async Task GetOrCreate_FirstCallerLeaves_GoesOnForTheOthers()
    {
        using var leaving = new CancellationTokenSource();
        var source = new HeldSource();
        Task<string> first = Cache.GetOrCreateAsync("k", source.NextAsync, cancellationToken: leaving.Token).AsTask();
        await source.Asked;
        Task<string> second = Cache.GetOrCreateAsync("k", source.NextAsync).AsTask();

        await leaving.CancelAsync();
        await Assert.CatchAsync<OperationCanceledException>(async () => await first.WaitAsync(Limit));
        source.Answer();

        Assert.That(await second.WaitAsync(Limit), Is.EqualTo("v1"));
    }

    [Documented("The factory's token is cancelled when every caller has left.")]
    public async Task GetOrCreate_EveryCallerLeaves_CancelsTheFactory()
    {
        using var leaving = new CancellationTokenSource();
        var source = new HeldSource();
        Task<string>[] callers =
            [.. Enumerable.Range(0, 2).Select(_ => Cache.GetOrCreateAsync("k", source.NextAsync, cancellationToken: leaving.Token).AsTask())];
        await source.Asked;

        await leaving.CancelAsync();

        await source.Cancelled;
        foreach (Task caller in callers) await Assert.CatchAsync<OperationCanceledException>(async () => await caller.WaitAsync(Limit));
    }

    [Documented("A factory's exception reaches the caller, and nothing is cached.")]
    public async Task GetOrCreate_FactoryThrows_IsThrownAndNothingCached()
    {
        Assert.That(
            async () => await Cache.GetOrCreateAsync<string>("k", static _ => throw new InvalidDataException()), Throws.InstanceOf<InvalidDataException>());

        Assert.That(await GetAsync("k"), Is.EqualTo("v1"));
    }

    [Documented("Every caller has an instance of its own of a type that may change.")]
    public async Task GetOrCreate_MutableType_IsEveryCallersOwn()
    {
        List<string> own = ["a"];
        (await Cache.GetOrCreateAsync("k", _ => new ValueTask<List<string>>(own))).Add("b");
        (await Cache.GetOrCreateAsync("k", _ => new ValueTask<List<string>>(own))).Add("c");

        Assert.That(await Cache.GetOrCreateAsync("k", _ => new ValueTask<List<string>>(own)), Is.EqualTo(new[] { "a" }));
    }

    [Documented("What was set is what is got, and replaces what was there.")]
    public async Task Set_AnyKey_IsTheValue()
    {
        await GetAsync("known");

        await Cache.SetAsync("known", "new");
        await Cache.SetAsync("unknown", "new");

        Assert.That(await GetAsync("known"), Is.EqualTo("new"));
        Assert.That(await GetAsync("unknown"), Is.EqualTo("new"));
    }

    [Documented("Removing takes the one key away, and no other.")]
    public async Task Remove_KnownKey_TakesItAlone()
    {
        await Cache.SetAsync("k", "v");
        await Cache.SetAsync("k2", "v");

        await Cache.RemoveAsync("k");

        Assert.That(await GetAsync("k"), Is.EqualTo("v1"));
        Assert.That(await GetAsync("k2"), Is.EqualTo("v"));
    }

    [Documented("Removing several keys takes each of them away; no list of keys is an empty one.")]
    public async Task Remove_ManyKeys_TakesThemAll()
    {
        foreach (string key in (string[])["a", "b", "c"]) await Cache.SetAsync(key, "v");

        await Cache.RemoveAsync(["a", "b", "unknown"]);
        await Cache.RemoveAsync((IEnumerable<string>)null!);

        Assert.That(await GetAsync("a"), Is.EqualTo("v1"));
        Assert.That(await GetAsync("b"), Is.EqualTo("v2"));
        Assert.That(await GetAsync("c"), Is.EqualTo("v"));
    }

    [Documented("Removing a tag takes away whatever has it, and nothing else.")]
    public async Task RemoveByTag_SomeHaveIt_TakesThoseAlone()
    {
        await GetAsync("got", tags: "red");
        await Cache.SetAsync("set", "v", tags: ["blue", "red"]);
        await Cache.SetAsync("other", "v", tags: ["blue"]);
        await Cache.SetAsync("bare", "v");

        await RemoveByTagLaterAsync("red");

        Assert.That(await GetAsync("got"), Is.EqualTo("v2"));
        Assert.That(await GetAsync("set"), Is.EqualTo("v3"));
        Assert.That(await GetAsync("other"), Is.EqualTo("v"));
        Assert.That(await GetAsync("bare"), Is.EqualTo("v"));
    }

    [Documented("Removing several tags takes away whatever has one of them; no list of tags is an empty one.")]
    public async Task RemoveByTag_ManyTags_TakesAllOfThem()
    {
        await Cache.SetAsync("a", "v", tags: ["red"]);
        await Cache.SetAsync("b", "v", tags: ["blue"]);
        await Cache.SetAsync("c", "v", tags: ["green"]);

        await RemoveByTagLaterAsync("red", "blue", "unknown");
        await Cache.RemoveByTagAsync((IEnumerable<string>)null!);

        Assert.That(await GetAsync("a"), Is.EqualTo("v1"));
        Assert.That(await GetAsync("b"), Is.EqualTo("v2"));
        Assert.That(await GetAsync("c"), Is.EqualTo("v"));
    }

    [Documented("An entry that was stored after its tag had been removed stays.")]
    public async Task RemoveByTag_StoredLater_Stays()
    {
        await Cache.SetAsync("k", "old", tags: ["red"]);

        await RemoveByTagLaterAsync("red");
        await Cache.SetAsync("k", "new", tags: ["red"]);

        Assert.That(await GetAsync("k"), Is.EqualTo("new"));
    }

    [Documented("Removing the tag `*` takes everything away.")]
    public async Task RemoveByTag_Star_TakesEverything()
    {
        await Cache.SetAsync("tagged", "v", tags: ["red"]);
        await Cache.SetAsync("bare", "v");

        await RemoveByTagLaterAsync("*");

        Assert.That(await GetAsync("tagged"), Is.EqualTo("v1"));
        Assert.That(await GetAsync("bare"), Is.EqualTo("v2"));
    }

    [Documented("An entry lives as long as its expiration says.")]
    public async Task Expiration_Passed_EndsTheLife()
    {
        await GetAsync("k", Entries.For(Minute));

        Clock.Advance(Minute / 2);
        Assert.That(await GetAsync("k"), Is.EqualTo("v1"));
        Clock.Advance(Minute);
        Assert.That(await GetAsync("k"), Is.EqualTo("v2"));
    }

    [Documented("What a call leaves out is as the cache's default options say, and what it gives wins.")]
    public async Task Expiration_OfTheCall_WinsOverTheDefault()
    {
        HybridCache cache = Node(new() { Defaults = Entries.For(10 * Minute) });
        await GetAsync("default", null, cache);
        await GetAsync("flags only", Entries.With(HybridCacheEntryFlags.DisableCompression), cache);
        await GetAsync("own", Entries.For(Minute), cache);

        Clock.Advance(2 * Minute);
        Assert.That(await GetAsync("default", null, cache), Is.EqualTo("v1"));
        Assert.That(await GetAsync("flags only", null, cache), Is.EqualTo("v2"));
        Assert.That(await GetAsync("own", null, cache), Is.EqualTo("v4"));
        Clock.Advance(10 * Minute);
        Assert.That(await GetAsync("default", null, cache), Is.EqualTo("v5"));
        Assert.That(await GetAsync("flags only", null, cache), Is.EqualTo("v6"));
    }

    [Documented("The flags of a call replace the default ones.")]
    public async Task Flags_OfTheCall_ReplaceTheDefault()
    {
        HybridCache cache = Node(new() { Defaults = Entries.Unwritten });

        await GetAsync("default", null, cache);
        await GetAsync("own", Entries.With(HybridCacheEntryFlags.None), cache);

        Assert.That(await GetAsync("default", null, cache), Is.EqualTo("v3"));
        Assert.That(await GetAsync("own", null, cache), Is.EqualTo("v2"));
    }

    [Documented("With `DisableUnderlyingData` an unknown key gives the type's default, and no factory is run.")]
    public async Task Flags_DisableUnderlyingData_GivesWhatIsCached()
    {
        await GetAsync("known");

        Assert.That(await GetAsync("known", Entries.CachedOnly), Is.EqualTo("v1"));
        Assert.That(await GetAsync("unknown", Entries.CachedOnly), Is.Null);
        Assert.That(await Cache.GetOrCreateAsync("number", static _ => new ValueTask<int>(1), Entries.CachedOnly), Is.Zero);
        Assert.That(Source.Runs, Is.EqualTo(1));
    }

    [Documented("With reading disabled the factory is run although the key is known.")]
    public async Task Flags_DisableRead_RunsTheFactory()
    {
        await GetAsync("k");

        Assert.That(await GetAsync("k", Entries.Unread), Is.EqualTo("v2"));
    }

    [Documented("With writing disabled nothing is stored.")]
    public async Task Flags_DisableWrite_StoresNothing()
    {
        await GetAsync("k", Entries.Unwritten);
        await Cache.SetAsync("set", "v", Entries.Unwritten);

        Assert.That(await GetAsync("k"), Is.EqualTo("v2"));
        Assert.That(await GetAsync("set"), Is.EqualTo("v3"));
    }

    /// <summary>At a time of its own, for caches that compare times.</summary>
    private protected async Task RemoveByTagLaterAsync(params string[] tags)
    {
        Clock.Advance(TimeSpan.FromSeconds(1));
        await (tags is [var tag] ? Cache.RemoveByTagAsync(tag) : Cache.RemoveByTagAsync(tags));
        Clock.Advance(TimeSpan.FromSeconds(1));
    }
}
