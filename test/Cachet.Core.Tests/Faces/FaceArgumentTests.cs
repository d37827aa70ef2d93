using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Faces;

/// <summary>What a distributed cache may be asked, and what it refuses at the call.</summary>
public class FaceArgumentTests : FaceFixture
{
    [Test]
    public void Calls_NullKey_ThrowAtTheCall()
    {
        IBufferDistributedCache cache = Node();
        var options = new DistributedCacheEntryOptions();
        var writer = new ArrayBufferWriter<byte>();
        (string Call, Action Make)[] calls =
        [
            ("Get", () => cache.Get(null!)),
            ("GetAsync", () => _ = cache.GetAsync(null!)),
            ("TryGet", () => cache.TryGet(null!, writer)),
            ("TryGetAsync", () => _ = cache.TryGetAsync(null!, writer)),
            ("Set", () => cache.Set(null!, [], options)),
            ("SetAsync", () => _ = cache.SetAsync(null!, [], options)),
            ("Set a sequence", () => cache.Set(null!, ReadOnlySequence<byte>.Empty, options)),
            ("SetAsync a sequence", () => _ = cache.SetAsync(null!, ReadOnlySequence<byte>.Empty, options)),
            ("Refresh", () => cache.Refresh(null!)),
            ("RefreshAsync", () => _ = cache.RefreshAsync(null!)),
            ("Remove", () => cache.Remove(null!)),
            ("RemoveAsync", () => _ = cache.RemoveAsync(null!)),
        ];

        using (Assert.EnterMultipleScope())
        {
            foreach ((string call, Action make) in calls) Assert.That(make, Throws.ArgumentNullException.With.Property("ParamName").EqualTo("key"), call);
        }

        Assert.That(Events.OperationEvents, Is.Empty);
        Assert.That(Store.Calls, Is.Empty);
    }

    [Test]
    public void Calls_NullValueOptionsOrDestination_ThrowAtTheCall()
    {
        IBufferDistributedCache cache = Node();
        (string Name, Action Make)[] calls =
        [
            ("value", () => cache.Set("k", null!, new())),
            ("value", () => _ = cache.SetAsync("k", null!, new())),
            ("options", () => cache.Set("k", [], null!)),
            ("options", () => _ = cache.SetAsync("k", [], null!)),
            ("options", () => cache.Set("k", ReadOnlySequence<byte>.Empty, null!)),
            ("options", () => _ = cache.SetAsync("k", ReadOnlySequence<byte>.Empty, null!)),
            ("destination", () => cache.TryGet("k", null!)),
            ("destination", () => _ = cache.TryGetAsync("k", null!)),
        ];

        using (Assert.EnterMultipleScope())
        {
            foreach ((string name, Action make) in calls) Assert.That(make, Throws.ArgumentNullException.With.Property("ParamName").EqualTo(name));
        }

        Assert.That(Events.OperationEvents, Is.Empty);
        Assert.That(Store.Calls, Is.Empty);
    }

    [Test]
    public async Task EmptyKeyAndEmptyValue_AreLegalAndNotMissing([Values] Behind behind, [Values] bool synchronously, [Values] bool sliding)
    {
        IBufferDistributedCache cache = Node(behind);
        Assert.That(await cache.GetAsync("", synchronously), Is.Null);

        await cache.SetAsync("", [], sliding ? Sliding(60) : new(), synchronously);

        Assert.That(await cache.GetAsync("", synchronously), Is.Not.Null.And.Empty);
        Assert.That(await cache.GetAsync("k", synchronously), Is.Null);
        await cache.RemoveAsync("", synchronously);
        Assert.That(await cache.GetAsync("", synchronously), Is.Null);
    }

    [TestCase("grüße 日本 \U0001F600")]
    [TestCase("a:b~generation\n\0")]
    public async Task Keys_OfAnySort_AreKeptApart(string key)
    {
        IBufferDistributedCache cache = Node();

        await cache.SetAsync(key, Bytes("v"), Sliding(60));

        Assert.That(Text(await cache.GetAsync(key)), Is.EqualTo("v"));
        Assert.That(await cache.GetAsync(key + "x"), Is.Null);
    }

    [Test]
    public async Task Calls_CancelledBeforehand_AreCancelledAndChangeNothing([Values] Behind behind, [Values] bool sliding)
    {
        IBufferDistributedCache cache = Node(behind);
        await cache.SetAsync("k", Bytes("old"), sliding ? Sliding(60) : Absolute(60));
        var cancelled = new CancellationToken(canceled: true);
        var written = new ArrayBufferWriter<byte>();
        (string Call, Func<Task> Make)[] calls =
        [
            ("get", () => cache.GetAsync("k", cancelled)),
            ("get of nothing", () => cache.GetAsync("nobody", cancelled)),
            ("try to get", () => cache.TryGetAsync("k", written, cancelled).AsTask()),
            ("set", () => cache.SetAsync("k", Bytes("new"), new(), cancelled)),
            ("set a sequence", () => cache.SetAsync("k", new ReadOnlySequence<byte>(Bytes("new")), new(), cancelled).AsTask()),
            ("refresh", () => cache.RefreshAsync("k", cancelled)),
            ("remove", () => cache.RemoveAsync("k", cancelled)),
        ];

        using (Assert.EnterMultipleScope())
        {
            foreach ((string call, Func<Task> make) in calls) Assert.That(await make().FaultAsync(), Is.InstanceOf<OperationCanceledException>(), call);
        }

        Assert.That(Text(await cache.GetAsync("k")), Is.EqualTo("old"));
        Assert.That(await cache.GetAsync("nobody"), Is.Null);
        Assert.That(written.WrittenCount, Is.Zero);
    }

    [Test]
    public async Task Set_CancelledOnItsWay_IsCancelledAndMemoryDoesNotSayThatItWasStored()
    {
        IBufferDistributedCache cache = Node();
        var gate = new Gate();
        Store.Before = c => c.StartsWith("Set", StringComparison.Ordinal) ? gate.PassAsync() : Task.CompletedTask;
        using var cancel = new CancellationTokenSource();

        Task set = cache.SetAsync("k", Bytes("v"), Absolute(60), cancel.Token);
        await gate.Reached.WaitAsync(Token);
        await cancel.CancelAsync();

        Assert.That(await set.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task Calls_AfterDispose_ThrowObjectDisposed([Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node();
        await cache.SetAsync("k", Bytes("v"), new());

        await ((IAsyncDisposable)cache).DisposeAsync();
        ((IDisposable)cache).Dispose();

        Assert.That(await cache.GetAsync("k", synchronously).FaultAsync(), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(await cache.SetAsync("k", [], new(), synchronously).FaultAsync(), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(await cache.RefreshAsync("k", synchronously).FaultAsync(), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(await cache.RemoveAsync("k", synchronously).FaultAsync(), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(Store.Disposals, Is.Zero, "It was handed in.");
    }
}
