using Cachet;

namespace CachetTests;

public class FlightTests
{
    [Test]
    public void Leave_TheLastOne_FiresTheToken()
    {
        var flight = new Flight(cancellable: true);
        Assert.That(flight.TryBoard(), Is.True);

        flight.Leave();
        Assert.That(flight.Token.IsCancellationRequested, Is.False, "One is aboard still.");
        flight.Leave();

        Assert.That(flight.Token.IsCancellationRequested, Is.True);
    }

    [Test]
    public void TryBoard_EverybodyHasLeft_IsRefused()
    {
        var flight = new Flight(cancellable: true);
        flight.Leave();

        Assert.That(flight.TryBoard(), Is.False);
    }

    [Test]
    public void TryBoard_ManyThreads_CountsEveryOne()
    {
        const int Threads = 2, Each = 300_000;
        var flight = new Flight(cancellable: true);
        using var start = new Barrier(Threads);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            for (int i = 0; i < Each; i++) flight.TryBoard();
        }))];

        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        for (int i = 0; i < Threads * Each; i++) flight.Leave();

        Assert.That(flight.Token.IsCancellationRequested, Is.False, "The first is aboard still.");
        flight.Leave();
        Assert.That(flight.Token.IsCancellationRequested, Is.True);
    }

    [Test]
    public void Token_TheFirstCallerCannotLeave_NeverFires() =>
        Assert.That(new Flight(cancellable: false).Token.CanBeCanceled, Is.False);

    [Test]
    public void Leave_ACallbackOfTheTokenThrows_IsNotTheCallersBusiness()
    {
        var flight = new Flight(cancellable: true);
        using CancellationTokenRegistration registration = flight.Token.Register(static () => throw new InvalidOperationException("callback"));

        Assert.That(flight.Leave, Throws.Nothing);
    }

    [Test]
    public async Task WaitAsync_TheWorkHasEnded_AnswersAtOnceWhoeverIsCancelled()
    {
        var flight = new Flight(cancellable: true);
        flight.End();

        ValueTask waiting = flight.WaitAsync(new(canceled: true));

        Assert.That(waiting.IsCompletedSuccessfully, Is.True);
        await waiting;
        Assert.That(flight.TryBoard(), Is.True, "Nobody has left.");
    }

    [Test]
    public async Task WaitAsync_Cancelled_LeavesAndThrows()
    {
        var flight = new Flight(cancellable: true);
        using var cancel = new CancellationTokenSource();
        Task waiting = flight.WaitAsync(cancel.Token).AsTask();

        await cancel.CancelAsync();

        Assert.That(await waiting.FaultAsync(), Is.InstanceOf<OperationCanceledException>().With.Property("CancellationToken").EqualTo(cancel.Token));
        Assert.That(flight.TryBoard(), Is.False);
    }

    [Test]
    public async Task Crash_WhoWaits_IsNotThrownAtButFindsTheFault()
    {
        var flight = new Flight(cancellable: true);
        var fault = new InvalidOperationException("work");
        Task waiting = flight.WaitAsync(default).AsTask();

        flight.Crash(fault);

        Assert.That(await waiting.FaultAsync(), Is.Null);
        Assert.That(flight.Fault, Is.SameAs(fault));
        Assert.That(flight.Task.IsCompletedSuccessfully, Is.True);
    }
}
