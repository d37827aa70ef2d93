using System.Collections;
using System.Collections.Concurrent;

namespace Cachet.Testing;

/// <summary>A tier for tests: in memory, asynchronous, and as the test wants it: filled, failing, refusing, or held open in the middle of a call.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>
/// <para>A call is recorded when it begins, comes to the gates in front of the entries, fails if it is to fail, touches the entries, and comes to the
/// gates behind them. With no gate in its way it completes synchronously. Counting is neither recorded nor held, and never fails.</para>
/// <para>Safe for use from several threads. Predicates run on the threads of the calls, several at once; they must not block.</para>
/// </remarks>
public class FakeCacheTier<TKey, TValue> : ICacheTier<TKey, TValue>, IEnumerable<KeyValuePair<TKey, CacheEntry<TValue>>>
    where TKey : notnull
{
    private readonly CallPlan<TKey, TValue> _plan = new();

    /// <summary>Makes an empty tier.</summary>
    public FakeCacheTier()
        : this(new ConcurrentDictionary<TKey, CacheEntry<TValue>>())
    {
    }

    /// <summary>Makes a tier that holds a copy of some entries.</summary>
    /// <param name="entries">The entries; of those with one key the last.</param>
    /// <exception cref="ArgumentNullException">There are no entries, not even none.</exception>
    public FakeCacheTier(IEnumerable<KeyValuePair<TKey, CacheEntry<TValue>>> entries)
        : this()
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach ((TKey key, CacheEntry<TValue> entry) in entries) Add(key, entry);
    }

    private FakeCacheTier(ConcurrentDictionary<TKey, CacheEntry<TValue>> entries) => Entries = entries;

    /// <summary>What the tier holds, itself: what is changed here is changed in the tier, and no call is recorded.</summary>
    public ConcurrentDictionary<TKey, CacheEntry<TValue>> Entries { get; }

    /// <summary>The calls so far, in the order in which they began, those that failed included.</summary>
    public IReadOnlyList<CacheTierCall<TKey, TValue>> Calls => _plan.Calls;

    /// <summary>The calls so far as text with their keys: <c>get p1</c>, <c>insert p1</c>, <c>invalidate p1</c>, <c>clear</c>.</summary>
    public IReadOnlyList<string> CallLines =>
        [.. Calls.Select(static c => c.Operation == CacheOperation.Clear ? $"{c}" : $"{c} {c.Key}")];

    /// <summary>What an insert answers; the default accepts everything. A rejection drops what was there, as the contract of tiers has it.</summary>
    public Func<CacheTierCall<TKey, TValue>, InsertOutcome> InsertAnswer { get; set; } = static _ => InsertOutcome.Accepted;

    /// <summary>Awaited by each asynchronous call before it touches the entries, behind the gates there: a delay on a fake clock, say.
    /// <see langword="null"/> (the default) for nothing.</summary>
    public Func<CacheTierCall<TKey, TValue>, CancellationToken, Task>? Before { get; set; }

    /// <summary>Awaited by each asynchronous call after it touched the entries, behind the gates there; <see langword="null"/> (the default) for
    /// nothing.</summary>
    public Func<CacheTierCall<TKey, TValue>, CancellationToken, Task>? After { get; set; }

    /// <summary>Puts a value there without a call, replacing what is there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value. Its entry says neither when it was cached nor how long it may live: where the tier has a time to live it reads
    /// as expired.</param>
    public void Add(TKey key, TValue value) => Add(key, new CacheEntry<TValue>(value));

    /// <summary>Puts an entry there without a call, replacing what is there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The entry.</param>
    /// <exception cref="ArgumentNullException">There is no entry.</exception>
    public void Add(TKey key, CacheEntry<TValue> entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        Entries[key] = entry;
    }

    /// <summary>Makes another tier over the same entries, as two nodes share a server: what one stores, both hold. Calls, gates, failures and answers
    /// are each tier's own.</summary>
    /// <returns>The other tier.</returns>
    public FakeCacheTier<TKey, TValue> Share() => new(Entries);

    /// <summary>How many calls of an operation have begun.</summary>
    /// <param name="operation">Get, insert, invalidate or clear.</param>
    /// <returns>The count since the last <see cref="ClearCalls"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No operation of a tier.</exception>
    public int Count(CacheOperation operation)
    {
        Check(operation);
        return Calls.Count(c => c.Operation == operation);
    }

    /// <summary>Forgets the calls so far.</summary>
    public void ClearCalls() => _plan.ClearCalls();

    /// <summary>Lets calls fail from now on. Several rules add up: the first that applies decides.</summary>
    /// <param name="predicate">Which calls fail; asked when they come to touch the entries.</param>
    /// <param name="exception">Makes what they throw; left out, an <see cref="IOException"/>.</param>
    /// <exception cref="ArgumentNullException">There is no predicate.</exception>
    public void FailWhen(Func<CacheTierCall<TKey, TValue>, bool> predicate, Func<CacheTierCall<TKey, TValue>, Exception>? exception = null)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        exception ??= static c => new IOException($"The fake tier was told to fail this {c}.");
        _plan.Fail(call => predicate(call) ? exception(call) : null);
    }

    /// <summary>Lets no call fail any more.</summary>
    public void ClearFailures() => _plan.ClearFailures();

    /// <summary>Holds one call of an operation open at a gate.</summary>
    /// <param name="operation">Get, insert, invalidate or clear.</param>
    /// <param name="nth">Which of the calls that begin from now on, counted from 1.</param>
    /// <param name="after">Hold it after it touched the entries, not before.</param>
    /// <param name="cancellable">Whether a held call hears of its cancellation, and ends by it.</param>
    /// <returns>The gate.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No operation of a tier, or <paramref name="nth"/> is less than 1.</exception>
    public Gate Hold(CacheOperation operation, int nth = 1, bool after = false, bool cancellable = true)
    {
        Check(operation);
        ArgumentOutOfRangeException.ThrowIfLessThan(nth, 1);
        return _plan.Hold(new(c => c.Operation == operation, nth, after, cancellable));
    }

    /// <summary>Holds every call of an operation open at one gate.</summary>
    /// <param name="operation">Get, insert, invalidate or clear.</param>
    /// <param name="after">Hold them after they touched the entries, not before.</param>
    /// <param name="cancellable">Whether a held call hears of its cancellation, and ends by it.</param>
    /// <returns>The gate.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No operation of a tier.</exception>
    public Gate HoldEvery(CacheOperation operation, bool after = false, bool cancellable = true)
    {
        Check(operation);
        return _plan.Hold(new(c => c.Operation == operation, null, after, cancellable));
    }

    /// <summary>Holds the calls for which a predicate is true open at one gate.</summary>
    /// <param name="predicate">Which calls are held; asked when they begin.</param>
    /// <param name="after">Hold them after they touched the entries, not before.</param>
    /// <param name="cancellable">Whether a held call hears of its cancellation, and ends by it.</param>
    /// <returns>The gate.</returns>
    /// <exception cref="ArgumentNullException">There is no predicate.</exception>
    public Gate HoldWhen(Func<CacheTierCall<TKey, TValue>, bool> predicate, bool after = false, bool cancellable = true)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return _plan.Hold(new(predicate, null, after, cancellable));
    }

    /// <inheritdoc/>
    public async ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken)
    {
        var call = new CacheTierCall<TKey, TValue> { Operation = CacheOperation.Get, Key = key };
        Hold<TKey, TValue>[] holds = _plan.Begin(call);
        await BeforeAsync(call, holds, cancellationToken).ConfigureAwait(false);
        CacheEntry<TValue>? found = Entries.GetValueOrDefault(key);
        await AfterAsync(call, holds, cancellationToken).ConfigureAwait(false);
        return found;
    }

    /// <inheritdoc/>
    public async ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken)
    {
        var call = new CacheTierCall<TKey, TValue> { Operation = CacheOperation.Insert, Key = key, Entry = entry };
        Hold<TKey, TValue>[] holds = _plan.Begin(call);
        await BeforeAsync(call, holds, cancellationToken).ConfigureAwait(false);
        InsertOutcome answer = InsertAnswer(call);
        if (answer == InsertOutcome.Accepted) Entries[key] = entry;
        else Entries.TryRemove(key, out _);
        await AfterAsync(call, holds, cancellationToken).ConfigureAwait(false);
        return answer;
    }

    /// <inheritdoc/>
    public async ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken)
    {
        var call = new CacheTierCall<TKey, TValue> { Operation = CacheOperation.Invalidate, Key = key };
        Hold<TKey, TValue>[] holds = _plan.Begin(call);
        await BeforeAsync(call, holds, cancellationToken).ConfigureAwait(false);
        Entries.TryRemove(key, out _);
        await AfterAsync(call, holds, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        var call = new CacheTierCall<TKey, TValue> { Operation = CacheOperation.Clear };
        Hold<TKey, TValue>[] holds = _plan.Begin(call);
        await BeforeAsync(call, holds, cancellationToken).ConfigureAwait(false);
        Entries.Clear();
        await AfterAsync(call, holds, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many entries the tier holds.</summary>
    /// <param name="cancellationToken">Not listened to: the answer is there at once.</param>
    /// <returns>The count.</returns>
    public virtual ValueTask<long?> CountAsync(CancellationToken cancellationToken) => new(Entries.Count);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<TKey, CacheEntry<TValue>>> GetEnumerator() => Entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A get that neither waits nor comes to a gate.</summary>
    private protected CacheEntry<TValue>? GetAtOnce(TKey key)
    {
        var call = new CacheTierCall<TKey, TValue> { Operation = CacheOperation.Get, Key = key, Synchronous = true };
        _plan.Record(call);
        _plan.ThrowIfToFail(call);
        return Entries.GetValueOrDefault(key);
    }

    private static void Check(CacheOperation operation)
    {
        if (operation is CacheOperation.Get or CacheOperation.Insert or CacheOperation.Invalidate or CacheOperation.Clear) return;
        throw new ArgumentOutOfRangeException(nameof(operation), operation, "Tiers are asked to get, insert, invalidate and clear.");
    }

    private async ValueTask BeforeAsync(CacheTierCall<TKey, TValue> call, Hold<TKey, TValue>[] holds, CancellationToken cancellationToken)
    {
        foreach (Hold<TKey, TValue> hold in holds.Where(static h => !h.IsAfter)) await hold.PassAsync(cancellationToken).ConfigureAwait(false);
        if (Before is { } before) await before(call, cancellationToken).ConfigureAwait(false);
        _plan.ThrowIfToFail(call);
    }

    private async ValueTask AfterAsync(CacheTierCall<TKey, TValue> call, Hold<TKey, TValue>[] holds, CancellationToken cancellationToken)
    {
        foreach (Hold<TKey, TValue> hold in holds.Where(static h => h.IsAfter)) await hold.PassAsync(cancellationToken).ConfigureAwait(false);
        if (After is { } after) await after(call, cancellationToken).ConfigureAwait(false);
    }
}
