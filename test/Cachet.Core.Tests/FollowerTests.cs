using System.Runtime.CompilerServices;
using Cachet;

namespace CachetTests;

/// <summary>The wait of a caller who can leave: its place in the flight's list, and who ends it.</summary>
[CancelAfter(60_000)]
public class FollowerTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(0, 1)]
    [TestCase(1, 0)]
    [TestCase(1, 2)]
    [TestCase(2, 1, 0)]
    public async Task Follow_SomeOfThreeLeave_TheOthersArrive(params int[] leavers)
    {
        var flight = new ReadFlight<string>(cancellable: true);
        CancellationTokenSource[] sources = [new(), new(), new()];
        Task<string>[] followers = [.. sources.Select(s => Board(flight).FollowToValue(s.Token))];

        foreach (int i in leavers) await sources[i].CancelAsync();
        foreach (int i in leavers)
        {
            Assert.That(await followers[i].FaultAsync(), Is.InstanceOf<OperationCanceledException>()
                .With.Property("CancellationToken").EqualTo(sources[i].Token));
        }

        Assert.That(followers.Count(static f => f.IsCompleted), Is.EqualTo(leavers.Length), "The others wait.");
        flight.Land(new(new("v"), CacheOutcome.Loaded));

        for (int i = 0; i < followers.Length; i++)
        {
            if (!leavers.Contains(i)) Assert.That(await followers[i], Is.EqualTo("v"));
        }

        Assert.That(flight.Token.IsCancellationRequested, Is.False, "The leader is aboard.");
        foreach (CancellationTokenSource source in sources) source.Dispose();
    }

    [Test]
    public async Task Follow_AllLeave_TheWorkIsCancelled()
    {
        var flight = new ReadFlight<string>(cancellable: true);
        using var cancel = new CancellationTokenSource();
        Task<string>[] followers = [.. Enumerable.Range(0, 10).Select(_ => Board(flight).FollowToValue(cancel.Token))];
        flight.Leave();
        Assert.That(flight.Token.IsCancellationRequested, Is.False, "Ten are aboard.");

        await cancel.CancelAsync();

        Assert.That(flight.Token.IsCancellationRequested, Is.True);
        foreach (Task<string> follower in followers) Assert.That(await follower.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Follow_CancelledAlready_LeavesAtOnce()
    {
        var flight = new ReadFlight<string>(cancellable: true);

        Task<string> follower = Board(flight).FollowToValue(new(canceled: true));

        Assert.That(follower.IsCanceled, Is.True);
        flight.Land(new(new("v"), CacheOutcome.Loaded));
        Assert.That(await follower.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Follow_CancelledAfterTheEnd_HasItsResult()
    {
        var flight = new ReadFlight<string>(cancellable: true);
        using var cancel = new CancellationTokenSource();
        Task<string> follower = Board(flight).FollowToValue(cancel.Token);

        flight.Land(new(new("v"), CacheOutcome.Loaded));
        await cancel.CancelAsync();

        Assert.That(await follower, Is.EqualTo("v"));
        Assert.That(flight.Token.IsCancellationRequested, Is.False, "Nobody has left.");
    }

    /// <summary>A load that never ends must not keep all who gave up on it, nor a token that never fires all who once waited.</summary>
    [Test]
    public async Task Follow_LeftOrArrived_NobodyHoldsIt([Values] bool leaves)
    {
        var flight = new ReadFlight<string>(cancellable: true);
        using var token = new CancellationTokenSource();
        WeakReference follower = Begin();

        if (leaves) await token.CancelAsync();
        else flight.Land(new(new("v"), CacheOutcome.Loaded));
        for (int i = 0; i < 100 && follower.IsAlive; i++)
        {
            await Task.Yield();
            GC.Collect();
        }

        Assert.That(follower.IsAlive, Is.False);
        GC.KeepAlive(flight);
        GC.KeepAlive(token);

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference Begin() => new(Board(flight).FollowToValue(token.Token));
    }

    [Test]
    public async Task FollowToValue_Failed_ThrowsTheInstanceAndReportsNothing()
    {
        var flight = new ReadFlight<string>(cancellable: true);
        var fault = new OperationCanceledException("The loader's own.");
        using var never = new CancellationTokenSource();
        Task<string> follower = Board(flight).FollowToValue(never.Token);

        flight.Crash(fault);

        Assert.That(await follower.FaultAsync(), Is.SameAs(fault));
    }

    /// <summary>The end, cancellations and newcomers meet in every order that two threads make; each wait ends, and ends once.</summary>
    [Test]
    public async Task Follow_EndAndCancellationRace_EveryWaitEnds()
    {
        const int Rounds = 20_000, Followers = 4;
        using var start = new Barrier(2);
        for (int round = 0; round < Rounds; round++)
        {
            var flight = new ReadFlight<string>(cancellable: true);
            CancellationTokenSource[] sources = [.. Enumerable.Range(0, Followers).Select(static _ => new CancellationTokenSource())];
            var followers = new Task<string>[Followers];
            for (int i = 0; i < Followers / 2; i++) followers[i] = Board(flight).FollowToValue(sources[i].Token);
            int pause = round % 64; // before the end in one half of the rounds, before the cancellation in the other
            bool endsFirst = round % 128 < 64;

            Task ends = Task.Run(() =>
            {
                start.SignalAndWait();
                if (!endsFirst) Thread.SpinWait(pause);
                flight.Land(new(new("v"), CacheOutcome.Loaded));
            });
            start.SignalAndWait();
            if (endsFirst) Thread.SpinWait(pause);
            sources[0].Cancel();
            for (int i = Followers / 2; i < Followers; i++) followers[i] = Board(flight).FollowToValue(sources[i].Token);
            sources[^1].Cancel();
            await ends;

            foreach (Task<string> follower in followers)
            {
                if (await follower.FaultAsync() is { } fault) Assert.That(fault, Is.InstanceOf<OperationCanceledException>());
                else Assert.That(await follower, Is.EqualTo("v"));
            }

            Assert.That(followers[1].IsCanceled || followers[2].IsCanceled, Is.False, "Nobody cancelled them.");
            Assert.That(flight.Token.IsCancellationRequested, Is.False, "The leader is aboard.");
            foreach (CancellationTokenSource source in sources) source.Dispose();
        }
    }

    private static ReadFlight<string> Board(ReadFlight<string> flight)
    {
        Assert.That(flight.TryBoard(), Is.True);
        return flight;
    }
}
