using Cachet;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Faces;

/// <summary>Synchronous calls of a distributed cache: on the caller's thread down to the store, whatever asynchronous work is under way.</summary>
public class FaceSynchronousTests : FaceFixture
{
    [Test]
    public void Calls_Synchronous_MakeSynchronousCallsOnTheStoreOnly()
    {
        IBufferDistributedCache cache = Node();
        int thread = Environment.CurrentManagedThreadId;
        HashSet<int> threads = [];
        Store.BeforeSynchronous = _ => threads.Add(Environment.CurrentManagedThreadId);
        Store.Before = static _ => throw new NotSupportedException("An asynchronous call.");

        cache.Set("k", Bytes("v"), Sliding(60));
        cache.Get("k");
        cache.Refresh("k");
        cache.Remove("k");

        Assert.That(Store.Calls, Is.EqualTo(new[] { "Set sessions:k", "Get sessions:k", "Refresh sessions:k", "Remove sessions:k" }));
        Assert.That(threads, Is.EquivalentTo(new[] { thread }));
    }

    [Test]
    public async Task Get_WhileAnAsynchronousGetOfTheKeyIsHeld_LooksUpOnItsOwn()
    {
        await Node().SetAsync("k", Bytes("v"), Absolute(60));
        IBufferDistributedCache cache = Node();
        Gate gate = HoldAsynchronous();
        Task<byte[]?> held = cache.GetAsync("k");
        await gate.Reached.WaitAsync(Token);

        Assert.That(Text(cache.Get("k")), Is.EqualTo("v"));

        Assert.That(held.IsCompleted, Is.False);
        gate.Open();
        Assert.That(Text(await held.WaitAsync(Token)), Is.EqualTo("v"));
    }

    [Test]
    public async Task Set_WhileAnAsynchronousWriteOfTheKeyIsHeld_DoesNotWaitAndMemoryDoesNotSayOtherThanTheStore([Values] bool removing)
    {
        IBufferDistributedCache cache = Node();
        Gate gate = HoldAsynchronous();
        Task held = removing ? cache.RemoveAsync("k") : cache.SetAsync("k", Bytes("asynchronous"), Absolute(600));
        await gate.Reached.WaitAsync(Token);
        Events.Clear();

        cache.Set("k", Bytes("synchronous"), Absolute(600));

        Assert.That(held.IsCompleted, Is.False);
        Assert.That(Events.TierLines, Is.EqualTo(new[] { "l1 insert inserted", "l2 insert inserted", "l1 invalidate invalidated" }));
        Assert.That(Text(cache.Get("k")), Is.EqualTo("synchronous"), "The store has it.");
        gate.Open();
        await held.WaitAsync(Token);
        string? inTheStore = Text(Node().Get("k"));
        Assert.That(inTheStore, Is.EqualTo(removing ? null : "asynchronous"), "It came to the store last.");
        Assert.That(Text(cache.Get("k")), Is.EqualTo(inTheStore));
    }

    [Test]
    public async Task Remove_WhileAnAsynchronousSetOfTheKeyIsHeld_DoesNotWaitAndMemoryDoesNotSayOtherThanTheStore()
    {
        IBufferDistributedCache cache = Node();
        Gate gate = HoldAsynchronous();
        Task held = cache.SetAsync("k", Bytes("v"), Absolute(600));
        await gate.Reached.WaitAsync(Token);

        cache.Remove("k");

        Assert.That(held.IsCompleted, Is.False);
        Assert.That(cache.Get("k"), Is.Null);
        gate.Open();
        await held.WaitAsync(Token);
        Assert.That(Text(Node().Get("k")), Is.EqualTo("v"), "It came to the store last.");
        Assert.That(Text(cache.Get("k")), Is.EqualTo("v"));
    }

    [Test]
    public async Task Set_WhileSeveralAsynchronousSetsWait_TheyEndWithTheSameInMemoryAndStore()
    {
        IBufferDistributedCache cache = Node();
        Gate gate = HoldAsynchronous();
        Task first = cache.SetAsync("k", Bytes("first"), Absolute(600)), second = cache.SetAsync("k", Bytes("second"), Absolute(600));
        await gate.Reached.WaitAsync(Token);

        cache.Set("k", Bytes("synchronous"), Absolute(600));
        cache.Remove("q");
        gate.Open();
        await first.WaitAsync(Token);
        await second.WaitAsync(Token);

        Assert.That(Text(cache.Get("k")), Is.EqualTo("second"));
        Assert.That(Text(Node().Get("k")), Is.EqualTo("second"));
    }

    [Test]
    public async Task Refresh_WhileAnAsynchronousSetOfTheKeyIsHeld_DoesNotWait()
    {
        IBufferDistributedCache cache = Node();
        Gate gate = HoldAsynchronous();
        Task held = cache.SetAsync("k", Bytes("v"), Sliding(60));
        await gate.Reached.WaitAsync(Token);

        cache.Refresh("k");

        Assert.That(held.IsCompleted, Is.False);
        gate.Open();
        await held.WaitAsync(Token);
    }

    [Test]
    public async Task SetAsync_WhileASynchronousSetOfTheKeyIsUnderWay_WaitsForIt()
    {
        IBufferDistributedCache cache = Node();
        using var go = new ManualResetEventSlim();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Store.BeforeSynchronous = c =>
        {
            if (c != "Set sessions:k") return;
            reached.SetResult();
            go.Wait();
        };
        Task synchronous = Task.Factory.StartNew(
            () => cache.Set("k", Bytes("first"), Absolute(600)), default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await reached.Task.WaitAsync(Token);

        Task asynchronous = cache.SetAsync("k", Bytes("second"), Absolute(600));
        Assert.That(Store.Count("SetAsync"), Is.Zero);
        go.Set();
        await synchronous.WaitAsync(Token);
        await asynchronous.WaitAsync(Token);

        Assert.That(Text(cache.Get("k")), Is.EqualTo("second"));
        Assert.That(Text(Node().Get("k")), Is.EqualTo("second"));
    }

    [Test]
    public async Task GetAsync_AfterASynchronousSet_DoesNotJoinALookupFromBefore()
    {
        await Node().SetAsync("k", Bytes("old"), Sliding(600));
        IBufferDistributedCache cache = Node();
        var gate = new Gate();
        int gets = 0;
        Store.Before = _ => Interlocked.Increment(ref gets) == 1 ? gate.PassAsync() : Task.CompletedTask;
        Task<byte[]?> before = cache.GetAsync("k");
        await gate.Reached.WaitAsync(Token);

        cache.Set("k", Bytes("new"), Sliding(600));
        Task<byte[]?> after = cache.GetAsync("k");

        Assert.That(Text(await after.WaitAsync(Token)), Is.EqualTo("new"));
        gate.Open();
        await before.WaitAsync(Token);
    }

    [Test]
    public async Task GetAsync_OverlappedByASynchronousSet_LeavesNoOldCopyInMemory()
    {
        await Node().SetAsync("k", Bytes("old"), Absolute(600));
        IBufferDistributedCache cache = Node();
        var gate = new Gate();
        Store.After = _ => gate.PassAsync();
        Task<byte[]?> before = cache.GetAsync("k");
        await gate.Reached.WaitAsync(Token);

        cache.Set("k", Bytes("new"), Absolute(600));
        gate.Open();
        await before.WaitAsync(Token);

        Assert.That(Text(cache.Get("k")), Is.EqualTo("new"));
    }

    [Test]
    public async Task Get_WhileAnotherSynchronousGetOfTheKeyIsHeld_LooksUpOnItsOwn()
    {
        IBufferDistributedCache cache = Node();
        cache.Set("k", Bytes("v"), Sliding(600));
        using var go = new ManualResetEventSlim();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Store.BeforeSynchronous = _ =>
        {
            if (reached.TrySetResult()) go.Wait();
        };
        Task<byte[]?> held = Task.Factory.StartNew(() => cache.Get("k"), default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await reached.Task.WaitAsync(Token);

        string? found;
        try
        {
            found = Text(cache.Get("k"));
        }
        finally
        {
            go.Set();
        }

        Assert.That(found, Is.EqualTo("v"));
        Assert.That(Text(await held.WaitAsync(Token)), Is.EqualTo("v"));
    }

    [Test]
    public async Task Clear_Synchronous_IsNotFollowedByWhoJoinsALookupFromBefore()
    {
        // No distributed cache can be cleared; what it is made of can.
        var tier = new FakeCacheTier<string, string> { { "k", "v" } };
        await using var cache = (TieredCache<string, string>)Cache.Builder<string, string>("c").Tier(tier).Build();
        Gate gate = tier.Hold(CacheOperation.Get, after: true);
        Task<CacheEntry<string>?> before = cache.GetAsync("k", Token).AsTask();
        await gate.Reached.WaitAsync(Token);

        await cache.Synchronous().ClearAsync(Token);

        Assert.That(await cache.GetAsync("k", Token), Is.Null);
        gate.Open();
        await before.WaitAsync(Token);
    }

    [Test]
    public void Get_ManyOfManyThreads_NeedNoOtherThread()
    {
        // As many threads as callers, and none of the pool's: each call ends on its own.
        IBufferDistributedCache cache = Node();
        cache.Set("k", Bytes("v"), Sliding(600));
        string?[] found = new string?[50];
        Thread[] callers = [.. Enumerable.Range(0, found.Length).Select(i => new Thread(() => found[i] = Text(cache.Get("k"))))];

        foreach (Thread caller in callers) caller.Start();
        foreach (Thread caller in callers) caller.Join();

        Assert.That(found, Is.All.EqualTo("v"));
        Assert.That(Store.Count("Get"), Is.EqualTo(50));
        Assert.That(Store.Count("GetAsync"), Is.Zero);
    }

    [Test]
    public void Ended_ACallThatGoesOn_IsRefusedAndNotWaitedFor()
    {
        var never = new TaskCompletionSource<int>();

        Assert.That(() => DistributedFace.Ended(new ValueTask<int>(never.Task)), Throws.InvalidOperationException);
        Assert.That(DistributedFace.Ended(new ValueTask<int>(7)), Is.EqualTo(7));
    }

    /// <summary>Holds every asynchronous call on the store.</summary>
    private Gate HoldAsynchronous()
    {
        var gate = new Gate();
        Store.Before = _ => gate.PassAsync();
        return gate;
    }
}
