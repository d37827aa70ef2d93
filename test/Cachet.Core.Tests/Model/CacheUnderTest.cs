using Cachet;

namespace CachetTests.Model;

/// <summary>The real cache beside its model: does a step to both, and says where they differ.</summary>
internal sealed class CacheUnderTest : IAsyncDisposable
{
    private readonly SteeredClock _clock = new();
    private readonly CacheEventRecorder _events = new();
    private readonly CacheSetup _setup;
    private readonly CacheModel _model;
    private readonly ScriptedTier[] _tiers;
    private readonly TieredCache<int, int> _cache;
    private int _value;

    public CacheUnderTest(CacheSetup setup)
    {
        _setup = setup;
        _model = new(setup);
        _tiers = [.. setup.Tiers.Select((t, i) => i == 0 && setup.Primary != Primary.Asynchronous ? new ScriptedSynchronousTier(i, t) : new ScriptedTier(i, t))];
        CacheBuilder<int, int> builder = Cache.Builder<int, int>("test").Clock(_clock).StampedeProtection(setup.Protected)
            .TierErrors(setup.Throws ? TierErrorPolicy.Throw : TierErrorPolicy.Absorb);
        if (setup.Observed) builder.EventHandler(_events);
        for (int i = 0; i < _tiers.Length; i++)
        {
            ScriptedTier tier = _tiers[i];
            builder.Add(new(Options(setup.Tiers[i]), _ => tier, i == 0 && setup.Primary == Primary.Memory ? TierKind.Memory : TierKind.Custom));
        }

        _cache = builder.BuildCache();
    }

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    /// <summary>Does a step. Returns what differs, or <see langword="null"/>.</summary>
    public async Task<string?> RunAsync(Step step)
    {
        if (Moved(step)) return Difference("the tiers", Contents(_model.Contents), Contents(_tiers));
        Expected expected = _model.Run(step, ++_value);
        foreach (ScriptedTier tier in _tiers) tier.Faults = step.Faults;
        _events.Clear();
        IOException? thrown = null;
        string answer;
        try
        {
            answer = await AnswerAsync(step, _value);
        }
        catch (IOException error)
        {
            thrown = error;
            answer = $"threw {error.Message}";
        }

        await Holds.UntilAsync(() => _cache.Refreshes == 0);
        return Difference("the answer", expected.Answer, answer)
            ?? (_setup.Observed ? Difference("the event", expected.Event, Line(static e => e.Operation != CacheOperation.Refresh)) : null)
            ?? (_setup.Observed ? Difference("the refresh", expected.Refresh, Line(static e => e.Operation == CacheOperation.Refresh)) : null)
            ?? (_setup.Observed && thrown is not null && Event().Exception != thrown ? "The event has another exception." : null)
            ?? Difference("the tiers", Contents(_model.Contents), Contents(_tiers))
            ?? Difference("the flights", "0", $"{_cache.Flights}");
    }

    private static TierOptions<int, int> Options(TierSetup tier) => new()
    {
        TimeToLive = tier.TimeToLive is { } life ? Span(life) : null,
        TimeToRefresh = tier.TimeToRefresh is { } age ? Span(age) : null,
        Remote = tier.Remote ? true : null,
        InsertPolicy = tier.Policy switch
        {
            Policy.Always => InsertPolicy<int, int>.Always,
            Policy.Never => InsertPolicy<int, int>.Never,
            _ => InsertPolicy<int, int>.When((_, _, source) => tier.Accepts(source)),
        },
    };

    private static TimeSpan Span(int seconds) => seconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds);

    private static string? Difference(string what, string? expected, string? actual) =>
        expected == actual ? null : $"Of {what}, the model says\n{expected}\nand the cache\n{actual}";

    private static string Text(CacheEntry<int> entry) =>
        $"{entry.Value} at {(entry.CachedAt - Rig.Start)?.Ticks} life "
        + (entry.TimeToLive == Timeout.InfiniteTimeSpan ? "ever" : $"{entry.TimeToLive?.Ticks}");

    private static string Contents(IEnumerable<Dictionary<int, Copy>> tiers) => Contents(tiers.Select(static tier =>
        tier.Select(static c => (c.Key, $"{c.Value.Entry.Value} at {c.Value.Entry.CachedAt} life {(c.Value.Entry.Life is TierModel.Never ? "ever" : $"{c.Value.Entry.Life}")}"))));

    private static string Contents(ScriptedTier[] tiers) => Contents(tiers.Select(static t => t.Entries.Select(static e => (e.Key, Text(e.Value)))));

    private static string Contents(IEnumerable<IEnumerable<(int Key, string Entry)>> tiers) =>
        string.Join('\n', tiers.Select(static (t, i) => $"l{i + 1}: {string.Join(", ", t.OrderBy(static e => e.Key).Select(static e => $"{e.Key} = {e.Entry}"))}"));

    private bool Moved(Step step)
    {
        long ticks = step.Amount;
        switch (step.Verb)
        {
            case Verb.SetBack:
                ticks *= TimeSpan.TicksPerSecond;
                _clock.SetBack(ticks);
                _model.SetBack(ticks);
                return true;
            case Verb.AdvanceToBoundary:
                long[] boundaries = _model.Boundaries();
                ticks = boundaries.Length == 0 ? 1 : boundaries[ticks % boundaries.Length] + step.Off - _model.Now;
                break;
            case Verb.Advance:
                break;
            default:
                return false;
        }

        _clock.Advance(ticks);
        _model.Advance(ticks);
        return true;
    }

    private async Task<string> AnswerAsync(Step step, int value)
    {
        switch (step.Verb)
        {
            case Verb.Get: return await _cache.GetAsync(step.Key) is { } found ? Text(found) : "nothing";
            case Verb.Contains: return $"{await _cache.ContainsAsync(step.Key)}";
            case Verb.Count: return $"{await _cache.CountAsync()}";
            case Verb.Insert: return $"{await _cache.InsertAsync(step.Key, value)}";
            case Verb.InsertEntry: return $"{await _cache.InsertEntryAsync(step.Key, Shaped(step.Shape, value))}";
            case Verb.GetOrInsert: return $"{await _cache.GetOrInsertAsync(step.Key, async (_, _) => (await LoadAsync(step, value))!.Value)}";
            case Verb.GetOrInsertEntry: return await _cache.GetOrInsertEntryAsync(step.Key, (_, _) => LoadAsync(step, value)) is { } entry ? Text(entry) : "nothing";
            case Verb.Clear: await _cache.ClearAsync(); return "done";
            default: await _cache.InvalidateAsync(step.Key); return "done";
        }
    }

    private ValueTask<CacheEntry<int>?> LoadAsync(Step step, int value) => step.Loading switch
    {
        Loading.Fails => throw new IOException("loader"),
        Loading.GivesNothing => default,
        _ => new(step.Verb == Verb.GetOrInsert ? new CacheEntry<int>(value) : Shaped(step.Shape, value)),
    };

    private CacheEntry<int> Shaped(Shape shape, int value) => new(
        value,
        shape.CachedAt is { } from ? _clock.GetUtcNow() + TimeSpan.FromSeconds(from) : null,
        shape.TimeToLive is { } life ? Span(life) : null);

    private CacheOperationEvent Event() => _events.OperationEvents.Single(static e => e.Operation != CacheOperation.Refresh);

    /// <summary>The events in question as lines; one is expected, or none.</summary>
    private string? Line(Func<CacheOperationEvent, bool> which)
    {
        string[] lines = [.. _events.OperationEvents.Zip(_events.OperationLines).Where(pair => which(pair.First)).Select(static pair => pair.Second)];
        return lines.Length == 0 ? null : string.Join(", ", lines);
    }
}
