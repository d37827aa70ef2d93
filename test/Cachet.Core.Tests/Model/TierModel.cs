using Cachet;

namespace CachetTests.Model;

/// <summary>A copy in a tier, in ticks from the start. Fresh from when it was stored to its deadline, both inclusive.</summary>
internal sealed record Copy(Written Entry, long StoredAt, long Deadline);

/// <summary>An entry as callers see it: its life in ticks, if it has one of its own.</summary>
internal sealed record Written(int Value, long CachedAt, long? Life);

/// <summary>How an insert into one tier ended.</summary>
internal readonly record struct Stored(bool Accepted, string? Error);

/// <summary>What one tier is to hold and to answer.</summary>
internal sealed class TierModel(CacheSetup cache, int position)
{
    public const long Never = long.MaxValue;

    private readonly TierSetup _setup = cache.Tiers[position];
    private readonly long _life = Ticks(cache.TimeToLive(position));
    private readonly long _skew = cache.Tiers[position].Remote ? TimeSpan.FromSeconds(5).Ticks : 0;

    public Dictionary<int, Copy> Copies { get; } = [];

    public Fault[] Faults { get; set; } = [];

    public long TimeToRefresh => _setup.TimeToRefresh is { } age ? Ticks(age) : Never;

    public static long Ticks(int seconds) => seconds < 0 ? Never : seconds * TimeSpan.TicksPerSecond;

    /// <summary>A fresh copy, nothing, or a failure.</summary>
    public (Copy? Copy, string? Error) Get(int key, long now)
    {
        if (Fails(CacheOperation.Get) is { } fault) return (null, fault.Message);
        bool fresh = Copies.TryGetValue(key, out Copy? copy) && (copy.Deadline == Never || (now >= copy.StoredAt - _skew && now <= copy.Deadline));
        return (fresh ? copy : null, null);
    }

    public bool IsRefreshDue(Copy copy, long now) =>
        TimeToRefresh != Never && (now - copy.StoredAt >= TimeToRefresh || now < copy.StoredAt - _skew);

    /// <summary>Stores an entry that a caller or loader brought, or, with a deadline, another tier's copy.</summary>
    public Stored Insert(int key, Written entry, InsertSource source, long now, long deadline = Never)
    {
        if (_setup.Policy == Policy.Never) return default;
        bool taken = _setup.Accepts(source);
        if (!taken && source != InsertSource.Direct) return default;
        long end = Math.Min(deadline, DeadlineOf(entry, source, now));
        if (!taken || end < now) return new(false, Invalidate(key));

        Fault? fault = Fails(CacheOperation.Insert);
        if (fault is { Mishap: Mishap.FailsBefore }) return new(false, fault.Message);
        bool rejects = Faults.Contains(new(position, CacheOperation.Insert, Mishap.Rejects));
        if (rejects) Copies.Remove(key);
        else Copies[key] = _setup.Bare ? Underived(entry) : new(entry, now, end);
        return new(!rejects && fault is null, fault?.Message);
    }

    /// <summary>Drops a key; returns the failure, if it fails.</summary>
    public string? Invalidate(int key)
    {
        Fault? fault = Fails(CacheOperation.Invalidate);
        if (fault is not { Mishap: Mishap.FailsBefore }) Copies.Remove(key);
        return fault?.Message;
    }

    public string? Clear()
    {
        Fault? fault = Fails(CacheOperation.Clear);
        if (fault is not { Mishap: Mishap.FailsBefore }) Copies.Clear();
        return fault?.Message;
    }

    // A call that fails on both sides never comes to the second.
    private Fault? Fails(CacheOperation call) =>
        Faults.Where(f => f.Tier == position && f.Call == call && f.Mishap != Mishap.Rejects).OrderBy(static f => f.Mishap).FirstOrDefault();

    /// <summary>An entry's own life counts from when it was cached and beats the tier's, which counts from now. One from the future has no life, but for
    /// the skew that other machines' clocks are allowed, and but for what another tier has judged.</summary>
    private long DeadlineOf(Written entry, InsertSource source, long now)
    {
        long life = entry.Life ?? _life;
        if (life == Never) return Never;
        bool future = now < entry.CachedAt - _skew;
        if (future && (_setup.Remote || (entry.Life is not null && source != InsertSource.Promotion))) return long.MinValue;
        return (entry.Life is null ? now : Math.Min(now, entry.CachedAt)) + life;
    }

    /// <summary>A tier that does not give back what it was handed: everything counts from when the entry was cached.</summary>
    private Copy Underived(Written entry)
    {
        long life = entry.Life ?? _life;
        return new(entry, entry.CachedAt, life == Never ? Never : entry.CachedAt + life);
    }
}
