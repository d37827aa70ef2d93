using Cachet;

namespace CachetTests.Model;

/// <summary>What a step is to come to.</summary>
/// <param name="Answer">What the caller gets, as text.</param>
/// <param name="Event">The operation's event.</param>
/// <param name="Refresh">The event of the refresh that it triggered.</param>
internal sealed record Expected(string Answer, string? Event = null, string? Refresh = null);

/// <summary>What the guarantees say of a cache that is used by one caller at a time: expiry, writes, reads, loads, refreshes.</summary>
internal sealed class CacheModel(CacheSetup setup)
{
    private readonly TierModel[] _tiers = [.. Enumerable.Range(0, setup.Tiers.Length).Select(i => new TierModel(setup, i))];
    private readonly Dictionary<int, long> _quietUntil = []; // by elapsed time, which never goes back
    private long _elapsed;

    /// <summary>Wall time, in ticks from the start.</summary>
    public long Now { get; private set; }

    public IEnumerable<Dictionary<int, Copy>> Contents => _tiers.Select(static t => t.Copies);

    /// <summary>When anything changes by itself: copies expire, or are due, or may be renewed again.</summary>
    public long[] Boundaries() =>
    [
        .. _tiers.SelectMany(static t => t.Copies.Values.SelectMany(c => new[] { c.Deadline, t.TimeToRefresh == TierModel.Never ? TierModel.Never : c.StoredAt + t.TimeToRefresh }))
            .Concat(_quietUntil.Values.Select(until => until - _elapsed + Now))
            .Where(at => at > Now && at != TierModel.Never)
            .Distinct()
            .Order(),
    ];

    public void Advance(long ticks)
    {
        Now += ticks;
        _elapsed += ticks;
    }

    public void SetBack(long ticks) => Now -= ticks;

    public Expected Run(Step step, int value)
    {
        foreach (TierModel tier in _tiers) tier.Faults = step.Faults;
        return step.Verb switch
        {
            Verb.Get => Get(step, promote: true),
            Verb.Contains => Get(step, promote: false),
            Verb.Count => new($"{_tiers[0].Copies.Count}"),
            Verb.Insert or Verb.InsertEntry => Insert(step, value),
            Verb.Invalidate => Write("invalidate invalidated", "invalidate", [.. _tiers.Select(t => t.Invalidate(step.Key))]),
            Verb.Clear => Write("clear cleared", "clear", [.. _tiers.Select(static t => t.Clear())]),
            _ => GetOrInsert(step, value),
        };
    }

    private static string Text(Written entry, bool stamped = true) =>
        $"{entry.Value} at {(stamped ? $"{entry.CachedAt}" : "")} life {(entry.Life is TierModel.Never ? "ever" : $"{entry.Life}")}";

    private static Expected Threw(string verb, string error) => new($"threw {error}", $"{verb} error");

    private static Expected Write(string outcome, string verb, string?[] errors) =>
        Array.Find(errors, static e => e is not null) is { } error ? Threw(verb, error) : new("done", outcome);

    private Expected Insert(Step step, int value)
    {
        Written entry = step.Verb == Verb.Insert ? new(value, Now, null) : Shaped(step.Shape, value);
        Stored[] stored = [.. _tiers.Select(t => t.Insert(step.Key, entry, InsertSource.Direct, Now))];
        if (stored.FirstOrDefault(static s => s.Error is not null).Error is { } error) return Threw("insert", error);
        return stored.Any(static s => s.Accepted) ? new("Accepted", "insert inserted") : new("Rejected", "insert rejected");
    }

    private Expected Get(Step step, bool promote)
    {
        Walk walk = Lookup(step.Key, 0, null, promote);
        if ((walk.Error ?? walk.AllFailed) is { } error) return Threw("get", error);
        if (walk.Hit is not { } hit) return new(promote ? "nothing" : "False", "get miss");
        string? refresh = promote ? Refresh(step.Key, hit, walk.Tier, null) : null;
        return new(promote ? Text(hit.Entry) : "True", $"get hit l{walk.Tier + 1}", refresh);
    }

    private Expected GetOrInsert(Step step, int value)
    {
        Loaded loaded = step.Loading switch
        {
            Loading.Fails => new(null, "loader"),
            Loading.GivesNothing => new(null, null),
            _ => new(step.Verb == Verb.GetOrInsert ? new(value, Now, null) : Shaped(step.Shape, value), null),
        };
        bool valueOnly = step.Verb == Verb.GetOrInsert;
        Walk walk = Lookup(step.Key, 0, null, promote: true);
        if (walk.Error is { } error) return Threw("get_or_insert", error);
        if (walk.Hit is { } hit)
        {
            string? refresh = Refresh(step.Key, hit, walk.Tier, loaded);
            return new(valueOnly ? $"{hit.Entry.Value}" : Text(hit.Entry), $"get_or_insert hit l{walk.Tier + 1}", refresh);
        }

        if (loaded.Error is { } failed) return Threw("get_or_insert", failed);
        if (loaded.Entry is not { } entry) return new("nothing", "get_or_insert skipped");
        (bool accepted, string? unstored) = Fill(step.Key, entry, _tiers.Length, InsertSource.Load);
        if (unstored is not null) return Threw("get_or_insert", unstored);
        bool stamped = accepted || step.Shape.CachedAt is not null;
        return new(valueOnly ? $"{entry.Value}" : Text(entry, stamped), "get_or_insert loaded");
    }

    /// <summary>A hit that is due is renewed from the tiers behind it, or else by the loader. What went well keeps the key quiet for a while.</summary>
    private string? Refresh(int key, Copy hit, int tier, Loaded? loader)
    {
        if (!_tiers[tier].IsRefreshDue(hit, Now) || (tier + 1 == _tiers.Length && loader is null)) return null;
        if (_quietUntil.TryGetValue(key, out long until) && _elapsed < until) return null;
        Walk walk = Lookup(key, tier + 1, hit, promote: true);
        string? error = walk.Error;
        string outcome = walk.Hit is null ? "refresh miss" : $"refresh refreshed l{walk.Tier + 1}";
        if (error is null && walk.Hit is null)
        {
            error = loader is null ? walk.AllFailed : loader.Value.Error;
            if (error is null && loader is { Entry: { } entry })
            {
                error = Fill(key, entry, _tiers.Length, InsertSource.Load).Error;
                outcome = "refresh refreshed";
            }
        }

        if (error is not null) return "refresh error";
        _quietUntil[key] = _elapsed + _tiers[tier].TimeToRefresh;
        return outcome;
    }

    /// <summary>Asks the tiers in order for a fresh copy, or for a newer one, and promotes it into all tiers in front.</summary>
    private Walk Lookup(int key, int from, Copy? newerThan, bool promote)
    {
        string? failure = null;
        bool answered = false;
        for (int i = from; i < _tiers.Length; i++)
        {
            (Copy? copy, string? error) = _tiers[i].Get(key, Now);
            if (error is not null && setup.Throws) return new() { Error = error };
            failure ??= error;
            answered |= error is null;
            if (copy is null || (newerThan is not null && copy.Entry.CachedAt <= newerThan.Entry.CachedAt)) continue;
            string? unstored = promote ? Fill(key, copy.Entry, i, InsertSource.Promotion, copy.Deadline).Error : null;
            return new() { Hit = copy, Tier = i, Error = unstored };
        }

        return new() { AllFailed = answered ? null : failure };
    }

    /// <summary>Stores in the first so many tiers. That one fails is the caller's business only if every tier error surfaces.</summary>
    private (bool Accepted, string? Error) Fill(int key, Written entry, int count, InsertSource source, long deadline = TierModel.Never)
    {
        Stored[] stored = [.. _tiers.Take(count).Select(t => t.Insert(key, entry, source, Now, deadline))];
        string? error = stored.FirstOrDefault(static s => s.Error is not null).Error;
        return (stored.Any(static s => s.Accepted), setup.Throws ? error : null);
    }

    private Written Shaped(Shape shape, int value) => new(
        value,
        shape.CachedAt is { } from ? Now + (from * TimeSpan.TicksPerSecond) : Now,
        shape.TimeToLive is { } life ? TierModel.Ticks(life) : null);

    private readonly record struct Loaded(Written? Entry, string? Error);

    private readonly record struct Walk(Copy? Hit, int Tier, string? Error, string? AllFailed);
}
