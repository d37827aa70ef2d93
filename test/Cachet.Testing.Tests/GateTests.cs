namespace CachetTests;

public class GateTests
{
    [Test]
    public async Task PassAsync_Closed_WaitsUntilOpen()
    {
        var gate = new Gate();
        Assert.That(gate.Reached.IsCompleted, Is.False);

        Task one = gate.PassAsync(), two = gate.PassAsync();
        await gate.Reached;

        Assert.That(one.IsCompleted || two.IsCompleted, Is.False);
        gate.Open();
        gate.Open();
        await Task.WhenAll(one, two);
        Assert.That(gate.PassAsync().IsCompletedSuccessfully, Is.True);
    }

    [Test]
    public async Task PassAsync_Cancelled_EndsThatWaitOnly()
    {
        var gate = new Gate();
        using var cancel = new CancellationTokenSource();
        Task leaves = gate.PassAsync(cancel.Token), stays = gate.PassAsync();

        await cancel.CancelAsync();

        Assert.That(async () => await leaves, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(stays.IsCompleted, Is.False);
        gate.Open();
        await stays;
    }

    [Test]
    public async Task Open_WorkWaits_GoesOnElsewhere()
    {
        var gate = new Gate();
        int opener = Environment.CurrentManagedThreadId;
        bool opening = false, inside = false;
        async Task WorkAsync()
        {
            await gate.PassAsync().ConfigureAwait(false);
            inside = Environment.CurrentManagedThreadId == opener && Volatile.Read(ref opening);
        }

        Task work = WorkAsync();
        Volatile.Write(ref opening, true);
        gate.Open();
        Volatile.Write(ref opening, false);
        await work;

        Assert.That(inside, Is.False, "Opening a gate runs nothing of what it held.");
    }
}
