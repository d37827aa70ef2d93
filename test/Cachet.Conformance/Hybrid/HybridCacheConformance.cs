using System.ComponentModel;
using Microsoft.Extensions.Caching.Hybrid;

namespace CachetTests;

/// <summary>What a <see cref="HybridCache"/> has to do, and what Cachet does where the documentation leaves it open.</summary>
public abstract class HybridCacheConformance(Form form) : HybridCacheContract(form)
{
    private static readonly CancellationToken _cancelled = new(canceled: true);

    [Choice("A factory's exception is the same instance for every caller.", "Callers decide by its type and its data; nothing is wrapped around it.")]
    public async Task GetOrCreate_FactoryThrows_IsTheSameInstance()
    {
        var error = new InvalidDataException();
        var source = new HeldSource();
        Task<string>[] callers = [.. Enumerable.Range(0, 2).Select(_ => Cache.GetOrCreateAsync<string>("k", async token =>
        {
            await source.NextAsync(token);
            throw error;
        }).AsTask())];
        await source.Asked;

        source.Answer();

        foreach (Task caller in callers) Assert.That(await Assert.CatchAsync(async () => await caller.WaitAsync(Limit)), Is.SameAs(error));
        Assert.That(source.Runs, Is.EqualTo(1));
    }

    [Choice("A null that a factory gives is cached.", "That there is nothing is an answer, and often a dear one.")]
    public async Task GetOrCreate_NullValue_IsCached()
    {
        int runs = 0;
        for (int i = 0; i < 2; i++)
        {
            Assert.That(
                await Cache.GetOrCreateAsync("k", _ =>
                {
                    runs++;
                    return new ValueTask<string?>(default(string));
                }),
                Is.Null);
        }

        Assert.That(runs, Is.EqualTo(1));
    }

    [Choice("A type that is known not to change is handed out as it is.", "A hit then costs no copy; the type has promised that nobody will notice.")]
    public async Task GetOrCreate_ImmutableType_IsTheSameInstance()
    {
        Immutable first = await Cache.GetOrCreateAsync("k", static _ => new ValueTask<Immutable>(new Immutable("a")));

        Assert.That(await Cache.GetOrCreateAsync("k", static _ => new ValueTask<Immutable>(new Immutable("b"))), Is.SameAs(first));
    }

    [Choice(
        "A token that is cancelled already cancels the call, even where the value is at hand.",
        "So it does not depend on what happens to be cached.")]
    public async Task GetOrCreate_CancelledTokenAndKnownKey_IsCancelled()
    {
        await GetAsync("k");

        Assert.That(
            async () => await Cache.GetOrCreateAsync("k", Source.NextAsync, cancellationToken: _cancelled), Throws.InstanceOf<OperationCanceledException>());
    }

    [Choice("A caller that joined leaves by its own token, and the others stay.", "Nobody waits longer than wanted because somebody else does.")]
    public async Task GetOrCreate_LaterCallerLeaves_AtOnceAndAlone()
    {
        using var leaving = new CancellationTokenSource();
        var source = new HeldSource();
        Task<string> first = Cache.GetOrCreateAsync("k", source.NextAsync).AsTask();
        await source.Asked;
        Task<string> second = Cache.GetOrCreateAsync("k", source.NextAsync, cancellationToken: leaving.Token).AsTask();

        await leaving.CancelAsync();
        await Assert.CatchAsync<OperationCanceledException>(async () => await second.WaitAsync(Limit));

        Assert.That(first.IsCompleted, Is.False);
        source.Answer();
        Assert.That(await first.WaitAsync(Limit), Is.EqualTo("v1"));
    }

    [Choice("Concurrent callers share a run even where flags disable both levels.", "Sharing protects the source, whether or not the value is kept.")]
    public async Task GetOrCreate_ConcurrentCallersUncached_ShareOneRun()
    {
        var source = new HeldSource();
        Task<string>[] callers = [.. Enumerable.Range(0, 5).Select(_ => Cache.GetOrCreateAsync("k", source.NextAsync, Entries.Uncached).AsTask())];
        await source.Asked;

        source.Answer();

        Assert.That(await Task.WhenAll(callers).WaitAsync(Limit), Is.All.EqualTo("v1"));
        Assert.That(source.Runs, Is.EqualTo(1));
    }

    [Choice(
        "The default that `DisableUnderlyingData` gives is not cached, and there need be no factory.",
        "It says that nothing was found, and that must not become something.")]
    public async Task Flags_DisableUnderlyingData_CachesNothing()
    {
        Assert.That(await Cache.GetOrCreateAsync<string?, string?>("k", null, null!, Entries.CachedOnly), Is.Null);

        Assert.That(await GetAsync("k"), Is.EqualTo("v1"));
    }

    [Choice("No key at all runs the factory.", "A cache must not fail what would work without it.")]
    public async Task GetOrCreate_NullKey_RunsTheFactory() => Assert.That(await GetAsync(null!), Is.EqualTo("v1"));

    [Choice("An empty or blank key gives the right value.", "A cache must not fail what would work without it.")]
    public Task GetOrCreate_EmptyOrBlankKeys_GiveTheirValues() => GivesItsOwnAsync("", " ", "  ");

    [Choice("Keys with control characters give the right values.", "A cache must not fail what would work without it, nor mix up two keys.")]
    public Task GetOrCreate_KeysWithControlCharacters_GiveTheirValues() => GivesItsOwnAsync("a\nb", "a\0b", "a\u001eb", "\t");

    [Choice("Keys that are no valid Unicode give the right values.", "A cache must not fail what would work without it, nor mix up two keys.")]
    public Task GetOrCreate_KeysWithBrokenSurrogates_GiveTheirValues() => GivesItsOwnAsync("a\ud800", "a\udc00", "\udc00\ud800");

    [Choice("Keys of any length give the right values.", "A cache must not fail what would work without it, nor mix up two keys.")]
    public Task GetOrCreate_LongKeys_GiveTheirValues() => GivesItsOwnAsync(new('k', 5_000), new('k', 5_001));

    [Choice("Keys that differ in case are different keys.", "A key is compared as it was written.")]
    public Task GetOrCreate_KeysInOtherCase_GiveTheirValues() => GivesItsOwnAsync("k", "K");

    [Choice("Removing no key, or an empty one that was never stored, does nothing.", "As with no list of keys.")]
    public async Task Remove_NullOrEmptyKey_DoesNothing()
    {
        await GetAsync("k");

        await Cache.RemoveAsync((string)null!);
        await Cache.RemoveAsync("");

        Assert.That(await GetAsync("k"), Is.EqualTo("v1"));
    }

    [Choice("Removing no tag, or an empty one, does nothing.", "As with no list of tags.")]
    public async Task RemoveByTag_NullOrEmptyTag_DoesNothing()
    {
        await GetAsync("k", tags: "red");

        await Cache.RemoveByTagAsync((string)null!);
        await Cache.RemoveByTagAsync("");

        Assert.That(await GetAsync("k"), Is.EqualTo("v1"));
    }

    [Choice(
        "An entry cannot have the tag `*` or an empty one: `ArgumentException`.",
        "`*` stands for all entries, and an empty tag could not be removed.")]
    public void Set_TagWithAMeaning_Throws()
    {
        Assert.That(async () => await Cache.SetAsync("k", "v", tags: ["*"]), Throws.InstanceOf<ArgumentException>());
        Assert.That(async () => await Cache.SetAsync("k", "v", tags: [""]), Throws.InstanceOf<ArgumentException>());
    }

    [Choice(
        "Removing a tag takes away what was stored in the same tick of the clock.",
        "The order of the calls counts, not how finely a clock tells them apart.")]
    public async Task RemoveByTag_StoredInTheSameTick_IsGone()
    {
        await Cache.SetAsync("k", "v", tags: ["red"]);

        await Cache.RemoveByTagAsync("red");

        Assert.That(await GetAsync("k"), Is.EqualTo("v1"));
    }

    [Choice(
        "What is stored after a tag was removed stays, in the same tick of the clock, too.",
        "The order of the calls counts, not how finely a clock tells them apart.")]
    public async Task RemoveByTag_StoredLaterInTheSameTick_Stays()
    {
        await Cache.RemoveByTagAsync("red");

        await Cache.SetAsync("k", "v", tags: ["red"]);

        Assert.That(await GetAsync("k"), Is.EqualTo("v"));
    }

    [Choice("Removing a key while its factory runs leaves nothing in the cache.", "The factory may have read before whatever the removal is about.")]
    public Task Remove_WhileTheFactoryRuns_LeavesNothing() => LeavesNothingAsync(static cache => cache.RemoveAsync("k"));

    [Choice("Removing a tag while the factory runs leaves nothing in the cache.", "The factory may have read before whatever the removal is about.")]
    public Task RemoveByTag_WhileTheFactoryRuns_LeavesNothing() => LeavesNothingAsync(static cache => cache.RemoveByTagAsync("red"));

    [Choice("An expiration of zero, or a negative one, drops what was stored.", "What has no life replaces what had one.")]
    public async Task Set_WithoutLife_DropsTheEntry()
    {
        foreach (TimeSpan life in (TimeSpan[])[TimeSpan.Zero, -Minute])
        {
            await Cache.SetAsync("k", "old");
            await Cache.SetAsync("k", "new", Entries.For(life));

            Assert.That(await GetAsync("k"), Is.EqualTo($"v{Source.Runs}"));
        }
    }

    [Choice(
        "A local expiration that a call leaves out is the call's own expiration, before any default.",
        "Both belong together: a long life must not end early by a default meant for another.")]
    public async Task LocalExpiration_LeftOut_IsTheCallsExpiration()
    {
        HybridCache cache = Node(new() { Defaults = Entries.For(Minute, locally: Minute) });
        await GetAsync("k", Entries.For(10 * Minute), cache);

        Clock.Advance(2 * Minute);

        Assert.That(await GetAsync("k", Entries.LocalOnly, cache), Is.EqualTo("v1"));
    }

    private async Task GivesItsOwnAsync(params string[] keys)
    {
        foreach (string key in keys.Concat(keys))
        {
            Assert.That(await Cache.GetOrCreateAsync(key, _ => new ValueTask<string>($"of {key}")), Is.EqualTo($"of {key}"));
        }
    }

    private async Task LeavesNothingAsync(Func<HybridCache, ValueTask> remove)
    {
        var source = new HeldSource();
        Task<string> loading = Cache.GetOrCreateAsync("k", source.NextAsync, tags: ["red"]).AsTask();
        await source.Asked;

        await remove(Cache);
        source.Answer();

        Assert.That(await loading.WaitAsync(Limit), Is.EqualTo("v1"));
        Assert.That(await Cache.GetOrCreateAsync("k", source.NextAsync, tags: ["red"]), Is.EqualTo("v2"));
    }

    [ImmutableObject(true)]
    public sealed record Immutable(string Name);
}
