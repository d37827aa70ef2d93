using System.Buffers;
using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Decorators;

/// <summary>The same calls on a distributed cache, bare and decorated, come to the same: with and without somebody who listens, alone and as a tier.
/// </summary>
[TestFixture(false, null)]
[TestFixture(true, null)]
[TestFixture(true, "l2")]
[CancelAfter(60_000)]
public sealed class DistributedChangesNothingTests(bool listening, string? tier)
{
    private static readonly AsyncLocal<string?> _local = new();

    private readonly Exception _one = new InvalidOperationException("one"), _two = new TimeoutException("two");
    private readonly OperationCanceledException _left = new("left");
    private readonly CancellationTokenSource _caller = new();
    private readonly CancellationTokenSource _other = new();
    private readonly ScriptedBufferDistributedCache _inner = new();
    private TraceRecorder? _trace;
    private MetricRecorder? _metrics;
    private Activity? _request;

    private IDistributedCache Decorated => _inner.Instrumented("sessions", tier);

    [SetUp]
    public void SetUp()
    {
        if (!listening) return;
        _trace = new();
        _metrics = new();
        _request = _trace.Source.StartActivity("request");
    }

    [TearDown]
    public void TearDown()
    {
        _request?.Dispose();
        _metrics?.Dispose();
        _trace?.Dispose();
        _caller.Dispose();
        _other.Dispose();
    }

    [TestCaseSource(typeof(DistributedCalls), nameof(DistributedCalls.Members))]
    public async Task Call_EndsAtOnce_IsTheSame(string member)
    {
        _inner.Answer = DistributedCalls.Good;
        string bare = await OutcomeOf(_inner, member, static () => { });
        Assert.That(await OutcomeOf(Decorated, member, static () => { }), Is.EqualTo(bare));
        Assert.That(bare, Does.StartWith(DistributedCalls.IsAsync(member) ? "ended: RanToCompletion" : "returned"));
    }

    [TestCaseSource(typeof(DistributedCalls), nameof(DistributedCalls.Members))]
    public async Task Call_Throws_ThrowsTheSameAtTheCall(string member)
    {
        _inner.Answer = _ => throw _one;
        string bare = await OutcomeOf(_inner, member, static () => { });
        Assert.That(await OutcomeOf(Decorated, member, static () => { }), Is.EqualTo("thrown at the call: one").And.EqualTo(bare));
    }

    [Test]
    public async Task Task_EndsLaterOrHasEnded_EndsTheSame(
        [ValueSource(nameof(AsyncMembers))] string member,
        [Values("succeeds", "fails", "fails twice", "fails as if cancelled", "is cancelled by the caller", "is cancelled by another")] string end,
        [Values] bool atOnce)
    {
        string bare = await Run(_inner), decorated = await Run(Decorated);
        Assert.That(decorated, Is.EqualTo(bare));
        Assert.That(bare, Does.StartWith(atOnce ? "ended" : "pending"));

        Task<string> Run(IDistributedCache cache)
        {
            (Task task, Action succeed, Action<Exception[]> fail, Action<CancellationToken> cancel) = DistributedCalls.Pending(member);
            _inner.Answer = _ => task;
            if (atOnce) End();
            return OutcomeOf(cache, member, atOnce ? static () => { } : End);

            void End()
            {
                if (end is "succeeds") succeed();
                else if (end is "fails") fail([_one]);
                else if (end is "fails twice") fail([_one, _two]);
                else if (end is "fails as if cancelled") fail([_left]);
                else if (end is "is cancelled by the caller") cancel(Fired(_caller));
                else cancel(Fired(_other));
            }
        }

        static CancellationToken Fired(CancellationTokenSource source)
        {
            source.Cancel();
            return source.Token;
        }
    }

    [TestCaseSource(typeof(DistributedCalls), nameof(DistributedCalls.Members))]
    public void Arguments_AsGiven_ReachTheCache(string member)
    {
        _inner.Answer = DistributedCalls.Good;
        _inner.Call(member, _caller.Token);
        Decorated.Call(member, _caller.Token);
        (string name, object?[] bare) = _inner.Calls.First();
        (string decoratedName, object?[] decorated) = _inner.Calls.Last();
        Assert.That((decoratedName, _inner.Calls.Count), Is.EqualTo((name, 2)));
        bool counted = listening && tier is not null; // The size of what is read is told of tiers: then the caller's buffer is written to through another.
        Assert.That(decorated.Where(IsOneself), Is.EqualTo(bare.Where(IsOneself)));

        bool IsOneself(object? argument) => !counted || argument is not IBufferWriter<byte>;
    }

    [TestCaseSource(typeof(DistributedCalls), nameof(DistributedCalls.Members))]
    public async Task Context_OfTheCaller_IsChangedByTheCacheAlone(string member)
    {
        Activity? seen = null;
        _inner.Answer = m =>
        {
            seen = Activity.Current;
            _local.Value = "set by the cache";
            return DistributedCalls.Good(m);
        };
        object? result = Decorated.Call(member);
        Assert.That(Activity.Current, Is.SameAs(_request));
        Assert.That(_local.Value, Is.EqualTo("set by the cache"), "as a method that is not async lets its caller see");
        Assert.That(seen, listening ? Is.Not.SameAs(_request) : Is.Null);
        if (result is Task task) await task;
    }

    [TestCaseSource(nameof(AsyncMembers))]
    public async Task Context_WhileTheTaskIsPending_IsTheCallersOwn(string member)
    {
        (Task task, Action succeed, _, _) = DistributedCalls.Pending(member);
        _inner.Answer = _ => task;
        var pending = (Task)Decorated.Call(member)!;
        Assert.That(Activity.Current, Is.SameAs(_request));
        succeed();
        await pending;
        Assert.That(Activity.Current, Is.SameAs(_request));
    }

    [TestCaseSource(nameof(AsyncMembers))]
    public async Task Flow_Suppressed_IsLeftSuppressedAndTheCallersActivityCurrent(string member)
    {
        (Task task, Action succeed, _, _) = DistributedCalls.Pending(member);
        _inner.Answer = _ => task;
        Task pending;
        using (ExecutionContext.SuppressFlow())
        {
            pending = (Task)Decorated.Call(member)!;
            Assert.That(ExecutionContext.IsFlowSuppressed());
            Assert.That(Activity.Current, Is.SameAs(_request));
        }

        succeed();
        await pending;
        Assert.That(Activity.Current, Is.SameAs(_request));
    }

    [Test]
    public void Capabilities_OfTheCache_AreThoseOfTheDecorated()
    {
        Assert.That(Decorated, Is.InstanceOf<IBufferDistributedCache>());
        Assert.That(new ScriptedDistributedCache().Instrumented("sessions", tier), Is.Not.InstanceOf<IBufferDistributedCache>());
        Assert.That(Decorated, Is.Not.InstanceOf<IDisposable>());
    }

    private static IEnumerable<string> AsyncMembers() => DistributedCalls.Members.Where(DistributedCalls.IsAsync);

    private async Task<string> OutcomeOf(IDistributedCache cache, string member, Action end)
    {
        object? result;
        try
        {
            result = cache.Call(member, _caller.Token);
        }
        catch (Exception thrown)
        {
            return $"thrown at the call: {Name(thrown)}";
        }

        if (result is not Task task) return $"returned {Text(result)}";
        string begin = task.IsCompleted ? "ended" : "pending";
        end();
        Exception? awaited = null;
        try
        {
            await task;
        }
        catch (Exception thrown)
        {
            awaited = thrown;
        }

        string faults = string.Join(", ", task.Exception?.InnerExceptions.Select(Name) ?? []);
        return $"{begin}: {task.Status} {Value(task)}; faults [{faults}]; awaited {Name(awaited)} {By(awaited)}";
    }

    private string Name(Exception? e) => e switch
    {
        null => "nothing",
        _ when ReferenceEquals(e, _one) => "one",
        _ when ReferenceEquals(e, _two) => "two",
        _ when ReferenceEquals(e, _left) => "left",
        _ => e.GetType().Name,
    };

    private string By(Exception? awaited) => awaited is not OperationCanceledException cancelled ? ""
        : cancelled.CancellationToken == _caller.Token ? "by the caller"
        : cancelled.CancellationToken == _other.Token ? "by another" : "by nobody";

    private static string Value(Task task) => task switch
    {
        Task<byte[]?> { IsCompletedSuccessfully: true } bytes => Text(bytes.Result),
        Task<bool> { IsCompletedSuccessfully: true } found => Text(found.Result),
        _ => "",
    };

    private static string Text(object? value) =>
        value is byte[] bytes ? $"bytes, {(ReferenceEquals(bytes, DistributedCalls.Value) ? "the same" : "others")}" : $"{value}";
}
