using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

/// <summary>What is documented of <see cref="IDistributedCache"/>.</summary>
public abstract class DistributedCacheContract(Form form, Calls calls) : DistributedCacheFixture(form, calls)
{
    [Documented("An unknown key gives null.")]
    public async Task Get_UnknownKey_IsNull() => Assert.That(await Called.GetAsync("k"), Is.Null);

    [Documented("What was set is what is got, every byte of it.")]
    public async Task Get_Set_IsTheValue()
    {
        byte[] value = [.. Enumerable.Range(0, 256).Select(static i => (byte)i)];

        await Called.SetAsync("k", value, Lives.ForEver);

        Assert.That(await Called.GetAsync("k"), Is.EqualTo(value));
    }

    [Documented("A value may be a megabyte long.")]
    public async Task Get_LargeValue_IsTheValue()
    {
        byte[] value = new byte[1 << 20];
        new Random(1).NextBytes(value);

        await Called.SetAsync("k", value, Lives.ForEver);

        Assert.That(await Called.GetAsync("k"), Is.EqualTo(value));
    }

    [Documented("Synchronous and asynchronous methods are two ways to the same entries.")]
    public async Task Get_SetTheOtherWay_IsTheValue()
    {
        await Called.SetAsync("k", [1], Lives.ForEver);

        Assert.That(await CalledOtherwise.GetAsync("k"), Is.EqualTo(new byte[] { 1 }));
        await CalledOtherwise.RemoveAsync("k");
        Assert.That(await Called.GetAsync("k"), Is.Null);
    }

    [Documented("Setting a key again replaces its value.")]
    public async Task Set_KnownKey_ReplacesTheValue()
    {
        await Called.SetAsync("k", [1, 2], Lives.ForEver);
        await Called.SetAsync("k", [3], Lives.ForEver);

        Assert.That(await Called.GetAsync("k"), Is.EqualTo(new byte[] { 3 }));
    }

    [Documented("Setting a key again replaces its expiration.")]
    public async Task Set_KnownKey_ReplacesTheLife()
    {
        await Called.SetAsync("longer", [1], Lives.For(Minute));
        await Called.SetAsync("shorter", [1], Lives.For(10 * Minute));
        await Called.SetAsync("longer", [2], Lives.For(10 * Minute));
        await Called.SetAsync("shorter", [2], Lives.For(Minute));

        await PassAsync(2 * Minute);

        Assert.That(await Called.GetAsync("longer"), Is.EqualTo(new byte[] { 2 }));
        Assert.That(await Called.GetAsync("shorter"), Is.Null);
    }

    [Documented("Removing takes the one key away, and no other.")]
    public async Task Remove_KnownKey_TakesItAlone()
    {
        await Called.SetAsync("k", [1], Lives.ForEver);
        await Called.SetAsync("k2", [2], Lives.ForEver);

        await Called.RemoveAsync("k");

        Assert.That(await Called.GetAsync("k"), Is.Null);
        Assert.That(await Called.GetAsync("k2"), Is.EqualTo(new byte[] { 2 }));
    }

    [Documented("Removing or refreshing an unknown key is no error.")]
    public async Task RemoveAndRefresh_UnknownKey_DoNothing()
    {
        await Called.RemoveAsync("k");
        await Called.RefreshAsync("k");

        Assert.That(await Called.GetAsync("k"), Is.Null);
    }

    [Documented("While a key is set again and again, readers get one of the values, whole.")]
    public async Task Get_WhileItIsSet_IsOneOfTheValues()
    {
        await Called.SetAsync("k", Values(0), Lives.ForEver);
        Task writing = Task.Run(async () =>
        {
            for (int i = 1; i <= 50; i++) await Called.SetAsync("k", Values(i), Lives.ForEver);
        });

        do
        {
            Assert.That((await Called.GetAsync("k"))!.Distinct().Count(), Is.EqualTo(1));
        }
        while (!writing.IsCompleted);

        await writing;
        Assert.That(await Called.GetAsync("k"), Is.EqualTo(Values(50)));

        static byte[] Values(int i) => [.. Enumerable.Repeat((byte)i, 1_000)];
    }

    [Documented("What another process sets is found.")]
    public async Task Get_SetElsewhere_IsTheValue()
    {
        await Elsewhere.SetAsync("k", [1], Lives.For(Minute));

        Assert.That(await Called.GetAsync("k"), Is.EqualTo(new byte[] { 1 }));
    }

    [Documented("What another process removes or sets anew is seen by the next get of an entry whose expiration slides.")]
    public Task Get_SlidingEntryChangedElsewhere_IsTheChange() => SeesChangesAsync(Lives.Idle(10 * Minute), after: TimeSpan.Zero);

    [Documented("What another process removes or sets anew is seen by the next get of an entry whose expiration does not slide.")]
    public Task Get_AbsoluteEntryChangedElsewhere_IsTheChange() => SeesChangesAsync(Lives.For(10 * Minute), after: TimeSpan.Zero);

    [Documented("What another process removes or sets anew is seen some minutes later at the latest.")]
    public Task Get_AbsoluteEntryChangedElsewhere_IsTheChangeInTime() => SeesChangesAsync(Lives.For(10 * Minute), after: 2 * Minute);

    [Documented("An entry lives until its absolute expiration.")]
    public async Task AbsoluteExpiration_Passed_EndsTheLife()
    {
        await Called.SetAsync("k", [1], Lives.Until(Now + Minute));

        await PassAsync(Minute / 2);
        Assert.That(await Called.GetAsync("k"), Is.Not.Null);
        await PassAsync(Minute);
        Assert.That(await Called.GetAsync("k"), Is.Null);
    }

    [Documented("An entry lives as long as its absolute expiration relative to now says.")]
    public async Task RelativeExpiration_Passed_EndsTheLife()
    {
        await Called.SetAsync("k", [1], Lives.For(Minute));

        await PassAsync(Minute / 2);
        Assert.That(await Called.GetAsync("k"), Is.Not.Null);
        await PassAsync(Minute);
        Assert.That(await Called.GetAsync("k"), Is.Null);
    }

    [Documented("An entry that was not accessed for its sliding expiration is gone.")]
    public async Task SlidingExpiration_NotAccessed_EndsTheLife()
    {
        await Called.SetAsync("k", [1], Lives.Idle(Minute));

        await PassAsync(2 * Minute);

        Assert.That(await Called.GetAsync("k"), Is.Null);
    }

    [Documented("A get begins the sliding expiration anew.")]
    public async Task SlidingExpiration_Got_BeginsAnew()
    {
        await Called.SetAsync("k", [1], Lives.Idle(Minute));

        for (int i = 0; i < 3; i++)
        {
            await PassAsync(Minute * 0.7);
            Assert.That(await Called.GetAsync("k"), Is.Not.Null);
        }
    }

    [Documented("A refresh begins the sliding expiration anew.")]
    public async Task SlidingExpiration_Refreshed_BeginsAnew()
    {
        await Called.SetAsync("k", [1], Lives.Idle(Minute));

        for (int i = 0; i < 3; i++)
        {
            await PassAsync(Minute * 0.7);
            await Called.RefreshAsync("k");
        }

        await PassAsync(Minute * 0.7);
        Assert.That(await Called.GetAsync("k"), Is.EqualTo(new byte[] { 1 }));
    }

    [Documented("A sliding expiration never reaches beyond the absolute one.")]
    public async Task SlidingExpiration_AtTheAbsoluteLimit_Ends()
    {
        await Called.SetAsync("k", [1], Lives.Idle(Minute, atMost: 2 * Minute));

        for (int i = 0; i < 2; i++)
        {
            await PassAsync(Minute * 0.7);
            Assert.That(await Called.GetAsync("k"), Is.Not.Null);
        }

        await PassAsync(Minute * 0.7);
        Assert.That(await Called.GetAsync("k"), Is.Null);
    }

    [Documented("A refresh does nothing to an absolute expiration.")]
    public async Task Refresh_AbsoluteExpiration_StaysAsItWas()
    {
        await Called.SetAsync("k", [1], Lives.For(Minute));

        await PassAsync(Minute * 0.7);
        await Called.RefreshAsync("k");
        Assert.That(await Called.GetAsync("k"), Is.Not.Null);
        await PassAsync(Minute * 0.7);

        Assert.That(await Called.GetAsync("k"), Is.Null);
    }

    [Documented("A refresh does not bring back what has expired.")]
    public async Task Refresh_Expired_StaysGone()
    {
        await Called.SetAsync("k", [1], Lives.Idle(Minute));

        await PassAsync(2 * Minute);
        await Called.RefreshAsync("k");

        Assert.That(await Called.GetAsync("k"), Is.Null);
    }

    private async Task SeesChangesAsync(DistributedCacheEntryOptions options, TimeSpan after)
    {
        foreach (string key in (string[])["removed", "changed"])
        {
            await Called.SetAsync(key, [1], options);
            await Called.GetAsync(key);
        }

        await Elsewhere.RemoveAsync("removed");
        await Elsewhere.SetAsync("changed", [2], options);
        await PassAsync(after);

        Assert.That(await Called.GetAsync("removed"), Is.Null);
        Assert.That(await Called.GetAsync("changed"), Is.EqualTo(new byte[] { 2 }));
    }
}
