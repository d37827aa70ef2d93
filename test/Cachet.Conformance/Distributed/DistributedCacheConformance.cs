using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

/// <summary>What an <see cref="IDistributedCache"/> has to do, and what Cachet does where the documentation leaves it open.</summary>
public abstract class DistributedCacheConformance(Form form, Calls calls) : DistributedCacheContract(form, calls)
{
    private static readonly CancellationToken _cancelled = new(canceled: true);

    [Choice("An empty value is a value.", "Whoever stores nothing in particular, to know that a key was seen, has to get it back.")]
    public async Task Get_EmptyValue_IsEmptyNotNull()
    {
        await Called.SetAsync("k", [], Lives.ForEver);

        Assert.That(await Called.GetAsync("k"), Is.Not.Null.And.Empty);
    }

    [Choice("An empty key is a key.", "It is a string like any other.")]
    public async Task Get_EmptyKey_IsAKey()
    {
        await Called.SetAsync("", [1], Lives.ForEver);

        Assert.That(await Called.GetAsync(""), Is.EqualTo(new byte[] { 1 }));
    }

    [Choice("Keys that differ in case are different keys.", "A key is compared as it was written: entries of two users must never meet.")]
    public async Task Get_KeyInOtherCase_IsAnotherKey()
    {
        await Called.SetAsync("k", [1], Lives.ForEver);

        Assert.That(await Called.GetAsync("K"), Is.Null);
    }

    [Choice(
        "Blanks, control characters, letters of any script and a key's length matter to nobody.",
        "Output caching, for one, puts control characters into keys.")]
    public async Task Get_UncommonKeys_AreKeys()
    {
        string[] keys = [" ", "  ", "a\nb", "a\0b", "\u001e\u001f", "ключ", "🔑", "{k}*?[a]", new('k', 5_000), new('k', 5_001)];
        for (int i = 0; i < keys.Length; i++) await Called.SetAsync(keys[i], [(byte)i], Lives.ForEver);

        for (int i = 0; i < keys.Length; i++) Assert.That(await Called.GetAsync(keys[i]), Is.EqualTo(new[] { (byte)i }));
    }

    [Choice(
        "A key that is no valid Unicode never gives what another was stored with.",
        "What a key becomes in a store must not let one caller read what another stored.")]
    public async Task Get_KeysWithBrokenSurrogates_NeverGiveAnothersValue()
    {
        await SetBrokenSurrogatesAsync();

        Assert.That(await Called.GetAsync("a\ud800"), Is.Null.Or.EqualTo(new byte[] { 1 }));
        Assert.That(await Called.GetAsync("a\udc00"), Is.Null.Or.EqualTo(new byte[] { 2 }));
    }

    [Choice("Keys that are no valid Unicode can be stored beside each other.", "They are strings like others.")]
    public async Task Get_KeysWithBrokenSurrogates_AreToldApart()
    {
        await SetBrokenSurrogatesAsync();

        Assert.That(await Called.GetAsync("a\ud800"), Is.EqualTo(new byte[] { 1 }));
        Assert.That(await Called.GetAsync("a\udc00"), Is.EqualTo(new byte[] { 2 }));
    }

    [Choice("No key is an `ArgumentNullException` that names it.", "The same for every method.")]
    public void EveryMethod_NullKey_Throws()
    {
        Assert.That(async () => await Called.GetAsync(null!), ThrowsFor("key"));
        Assert.That(async () => await Called.SetAsync(null!, [1], Lives.ForEver), ThrowsFor("key"));
        Assert.That(async () => await Called.RefreshAsync(null!), ThrowsFor("key"));
        Assert.That(async () => await Called.RemoveAsync(null!), ThrowsFor("key"));
    }

    [Choice("No value is an `ArgumentNullException` that names it.", "Nothing is not a value: whoever means *gone* removes the key.")]
    public void Set_NullValue_Throws() => Assert.That(
        async () => await Called.SetAsync("k", null!, Lives.ForEver), ThrowsFor("value"));

    [Choice("No options are an `ArgumentNullException` that names them.", "The overload without options is there for that.")]
    public void Set_NullOptions_Throws() => Assert.That(
        async () => await Called.SetAsync("k", [1], null!), ThrowsFor("options"));

    [Choice(
        "Asynchronous methods throw for a missing key at the call, not when awaited.",
        "It is an error of the code that calls, and is found where it was made.")]
    public void AsyncMethods_NullKey_ThrowAtTheCall()
    {
        Assert.That(() => { _ = Cache.GetAsync(null!); }, Throws.ArgumentNullException);
        Assert.That(() => { _ = Cache.SetAsync(null!, [1], Lives.ForEver); }, Throws.ArgumentNullException);
        Assert.That(() => { _ = Cache.RefreshAsync(null!); }, Throws.ArgumentNullException);
        Assert.That(() => { _ = Cache.RemoveAsync(null!); }, Throws.ArgumentNullException);
    }

    [Choice(
        "A token that is cancelled already cancels every call, and nothing is stored or removed.",
        "A caller that has given up wants no effects.")]
    public async Task AsyncMethods_CancelledToken_CancelWithoutEffect()
    {
        await Called.SetAsync("k", [1], Lives.ForEver);

        Assert.That(() => Cache.GetAsync("k", _cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => Cache.SetAsync("k", [2], Lives.ForEver, _cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => Cache.RefreshAsync("k", _cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => Cache.RemoveAsync("k", _cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await Called.GetAsync("k"), Is.EqualTo(new byte[] { 1 }));
    }

    [Choice(
        "What a caller does to its array after a set changes nothing in the cache.",
        "Buffers are used again, and a shared cache would copy them, too.")]
    public async Task Set_ArrayChangedAfterwards_IsNotSeen()
    {
        byte[] value = [1, 2];
        await Called.SetAsync("k", value, Lives.ForEver);

        value[0] = 9;

        Assert.That(await Called.GetAsync("k"), Is.EqualTo(new byte[] { 1, 2 }));
    }

    [Choice(
        "What a caller does to the array that it got changes nothing for others.",
        "A value that one reader can change for the next is no cache.")]
    public async Task Get_ArrayChangedAfterwards_IsNotSeen()
    {
        await Called.SetAsync("k", [1, 2], Lives.ForEver);

        (await Called.GetAsync("k"))![0] = 9;

        Assert.That(await Called.GetAsync("k"), Is.EqualTo(new byte[] { 1, 2 }));
    }

    [Choice(
        "An absolute expiration in the past is an `ArgumentOutOfRangeException` that names it, and leaves what was stored.",
        "It is a mistake, and one that is not seen when the entry is just not there.")]
    public async Task Set_AbsoluteExpirationInThePast_Throws()
    {
        await Called.SetAsync("k", [1], Lives.ForEver);

        Assert.That(
            async () => await Called.SetAsync("k", [2], Lives.Until(Now - Minute)),
            ThrowsForThePast);
        Assert.That(await Called.GetAsync("k"), Is.EqualTo(new byte[] { 1 }));
    }

    [Choice("Without any expiration an entry lives for ever.", "The interface has no default, so the caller has not asked for an end.")]
    public Task NoExpiration_Years_ChangeNothing() => LivesForEverAsync(Lives.ForEver);

    [Choice("An absolute expiration of `TimeSpan.MaxValue` is for ever.", "It is what people write who mean that.")]
    public Task RelativeExpiration_MaxValue_IsForEver() => LivesForEverAsync(Lives.For(TimeSpan.MaxValue));

    [Choice("A sliding expiration of `TimeSpan.MaxValue` is for ever.", "It is what people write who mean that.")]
    public Task SlidingExpiration_MaxValue_IsForEver() => LivesForEverAsync(Lives.Idle(TimeSpan.MaxValue));

    [Choice("An entry whose life is shorter than a second is there at first.", "A store that counts seconds must round up.")]
    public async Task Set_LifeBelowASecond_IsStored()
    {
        Assert.That(await IsStoredAsync(Lives.For(Second * 0.999)), Is.True, "absolute");
        Assert.That(await IsStoredAsync(Lives.Idle(Second * 0.999)), Is.True, "sliding");

        // Where a server counts, a machine under load may take longer than that from one call to the next, but not again and again.
        async Task<bool> IsStoredAsync(DistributedCacheEntryOptions options)
        {
            for (int i = 0; i < 5; i++)
            {
                await Called.SetAsync("k", [1], options);
                if (await Called.GetAsync("k") is not null) return true;
            }

            return false;
        }
    }

    [Choice("Exactly at its limit an entry is still alive.", "A life of a minute is a minute long; everything in Cachet counts like that.")]
    public async Task Get_ExactlyAtTheLimit_IsAlive()
    {
        await Called.SetAsync("absolute", [1], Lives.Until(Now + Minute));
        await Called.SetAsync("relative", [1], Lives.For(Minute));
        await Called.SetAsync("sliding", [1], Lives.Idle(Minute));

        await PassAsync(Minute);

        Assert.That(await Called.GetAsync("absolute"), Is.Not.Null);
        Assert.That(await Called.GetAsync("relative"), Is.Not.Null);
        Assert.That(await Called.GetAsync("sliding"), Is.Not.Null);
    }

    [Choice("Of two absolute expirations the earlier counts.", "Then neither of them is broken.")]
    public async Task AbsoluteAndRelativeExpiration_Both_TheEarlierCounts()
    {
        DateTimeOffset now = Now;
        await Called.SetAsync("absolute", [1], new() { AbsoluteExpiration = now + Minute, AbsoluteExpirationRelativeToNow = 10 * Minute });
        await Called.SetAsync("relative", [1], new() { AbsoluteExpiration = now + (10 * Minute), AbsoluteExpirationRelativeToNow = Minute });

        await PassAsync(Minute / 2);
        Assert.That(await Called.GetAsync("absolute"), Is.Not.Null);
        Assert.That(await Called.GetAsync("relative"), Is.Not.Null);
        await PassAsync(Minute);
        Assert.That(await Called.GetAsync("absolute"), Is.Null);
        Assert.That(await Called.GetAsync("relative"), Is.Null);
    }

    private async Task SetBrokenSurrogatesAsync()
    {
        await Called.SetAsync("a\ud800", [1], Lives.ForEver);
        await Called.SetAsync("a\udc00", [2], Lives.ForEver);
    }

    private async Task LivesForEverAsync(DistributedCacheEntryOptions options)
    {
        await Called.SetAsync("k", [1], options);

        await PassAsync(TimeSpan.FromDays(3_650));

        Assert.That(await Called.GetAsync("k"), Is.Not.Null);
    }
}
