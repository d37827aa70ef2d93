using Cachet;

namespace CachetTests;

public class WriteOrderTests
{
    [Test]
    public async Task EnterAsync_NobodyBefore_HasItsTurnAtOnce()
    {
        var order = new WriteOrder<string>();

        ValueTask<WriteOrder<string>.Turn> entering = order.EnterAsync("k", default);

        Assert.That(entering.IsCompletedSuccessfully, Is.True);
        order.Leave("k", await entering);
        Assert.That(order.Count, Is.Zero);
    }

    [Test]
    public async Task EnterAsync_AnotherBefore_WaitsForIt()
    {
        var order = new WriteOrder<string>();
        WriteOrder<string>.Turn first = await order.EnterAsync("k", default);
        Task<WriteOrder<string>.Turn> second = order.EnterAsync("k", default).AsTask();

        Assert.That(second.IsCompleted, Is.False);
        order.Leave("k", first);
        order.Leave("k", await second);

        Assert.That(order.Count, Is.Zero);
    }

    [Test]
    public async Task TryEnter_NobodyBefore_HasItsTurnForWhichOthersWait()
    {
        var order = new WriteOrder<string>();

        WriteOrder<string>.Turn first = order.TryEnter("k")!;
        Task<WriteOrder<string>.Turn> second = order.EnterAsync("k", default).AsTask();

        Assert.That(second.IsCompleted, Is.False);
        order.Leave("k", first);
        order.Leave("k", await second);
        Assert.That(order.Count, Is.Zero);
    }

    [Test]
    public async Task TryEnter_AnotherBefore_HasNoneAndLeavesNothingBehind()
    {
        var order = new WriteOrder<string>();
        WriteOrder<string>.Turn first = await order.EnterAsync("k", default);

        Assert.That(order.TryEnter("k"), Is.Null);
        Assert.That(order.TryEnter("q"), Is.Not.Null);
        order.Leave("k", first);
        Assert.That(order.TryEnter("k"), Is.Not.Null);
    }

    [Test]
    public async Task EnterAsync_Cancelled_PassesTheTurnOn()
    {
        var order = new WriteOrder<string>();
        using var cancel = new CancellationTokenSource();
        WriteOrder<string>.Turn first = await order.EnterAsync("k", default);
        Task<WriteOrder<string>.Turn> second = order.EnterAsync("k", cancel.Token).AsTask();
        Task<WriteOrder<string>.Turn> third = order.EnterAsync("k", default).AsTask();

        await cancel.CancelAsync();
        Assert.That(await second.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(third.IsCompleted, Is.False, "The first is still at it.");
        order.Leave("k", first);
        order.Leave("k", await third);

        Assert.That(order.Count, Is.Zero);
    }

    [Test]
    public async Task EnterAsync_TheLastWasCancelled_LeavesNothingBehind()
    {
        var order = new WriteOrder<string>();
        using var cancel = new CancellationTokenSource();
        WriteOrder<string>.Turn first = await order.EnterAsync("k", default);
        Task<WriteOrder<string>.Turn> second = order.EnterAsync("k", cancel.Token).AsTask();
        await cancel.CancelAsync();
        await second.FaultAsync();

        order.Leave("k", first);

        await Holds.UntilAsync(() => order.Count == 0);
        Assert.That(order.Count, Is.Zero);
    }

    [Test]
    public async Task EnterAsync_ManyThreads_OneAtATime()
    {
        var order = new WriteOrder<int>();
        int inside = 0, most = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 500; i++)
            {
                WriteOrder<int>.Turn turn = await order.EnterAsync(1, default);
                most = Math.Max(most, Interlocked.Increment(ref inside));
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                order.Leave(1, turn);
            }
        })));

        Assert.That(most, Is.EqualTo(1));
        Assert.That(order.Count, Is.Zero);
    }
}
