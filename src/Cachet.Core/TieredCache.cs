using System.Runtime.CompilerServices;

namespace Cachet;

/// <summary>The operations of a cache: observe, coalesce, walk.</summary>
/// <remarks>Reads probe a synchronous primary first, in a method that is not <c>async</c>: a hit allocates nothing. What is left to do runs in
/// an <c>async</c> method that is started while the operation is current; <see cref="Observation.Leave"/> then gives the caller its own
/// context back. <see cref="TieredReads{TKey, TValue}"/> has the reads that are not answered at once, <see cref="TieredWrites{TKey, TValue}"/> the
/// writes.</remarks>
internal sealed class TieredCache<TKey, TValue> : ICache<TKey, TValue>, IDisposable
    where TKey : notnull
{
    private readonly CacheObserver _observer;
    private readonly TierNode<TKey, TValue> _primary;
    private readonly TierPipeline<TKey, TValue> _pipeline;
    private readonly ReadThrough<TKey, TValue> _flights;
    private readonly TieredReads<TKey, TValue> _reads;
    private readonly TieredWrites<TKey, TValue> _writes;
    private readonly RefreshAhead<TKey, TValue> _refreshes;
    private readonly bool _trustedPrimary;
    private bool _unwatched; // no watchers of its own, a primary that does not throw, and not disposed
    private CacheLog? _onlyWatcher; // the same, save for a log
    private int _disposed;

    /// <summary>Puts a cache together; only <see cref="CacheBuilder{TKey, TValue}"/> does.</summary>
    /// <param name="observer">Who watches.</param>
    /// <param name="pipeline">The tiers.</param>
    /// <param name="flights">How misses are coalesced.</param>
    /// <param name="refreshes">How entries are renewed.</param>
    /// <param name="trustedPrimary">The primary is synchronous, and of Cachet's own: it can be probed without a guard.</param>
    public TieredCache(
        CacheObserver observer,
        TierPipeline<TKey, TValue> pipeline,
        ReadThrough<TKey, TValue> flights,
        RefreshAhead<TKey, TValue> refreshes,
        bool trustedPrimary)
    {
        _observer = observer;
        _pipeline = pipeline;
        _primary = pipeline.Primary;
        _flights = flights;
        _reads = new(observer, pipeline, flights, refreshes, trustedPrimary);
        _writes = new(observer, pipeline, flights);
        _refreshes = refreshes;
        _trustedPrimary = trustedPrimary;
        _unwatched = trustedPrimary && !observer.IsWatched;
        _onlyWatcher = trustedPrimary ? observer.OnlyWatcher : null;
    }

    public string Name => _observer.Cache.Name;

    /// <summary>How many lookups and loads are under way.</summary>
    internal int Flights => _flights.Flights;

    /// <summary>How many background refreshes are under way.</summary>
    internal int Refreshes => _refreshes.Count;

    /// <summary>How many keys have writes under way that are put in order.</summary>
    internal int Writes => _pipeline.Writes;

    public ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken = default)
    {
        Check(key);
        return Quick(key) is { } entry ? new(entry) : ReadAsync(key, promote: true, cancellationToken);
    }

    public ValueTask<TValue> GetOrInsertAsync(
        TKey key, Func<TKey, CancellationToken, ValueTask<TValue>> loader, CancellationToken cancellationToken = default)
    {
        Check(key, loader);
        return Quick(key) is { } entry
            ? new(entry.Value)
            : ValueOf(ReadOrLoadAsync(key, new ValueLoader<TKey, TValue>(loader), cancellationToken));
    }

    public ValueTask<TValue> GetOrInsertAsync<TState>(
        TKey key, TState state, Func<TKey, TState, CancellationToken, ValueTask<TValue>> loader, CancellationToken cancellationToken = default)
    {
        Check(key, loader);
        return Quick(key) is { } entry
            ? new(entry.Value)
            : ValueOf(ReadOrLoadAsync(key, new ValueLoader<TKey, TState, TValue>(state, loader), cancellationToken));
    }

    public ValueTask<CacheEntry<TValue>?> GetOrInsertEntryAsync(
        TKey key, Func<TKey, CancellationToken, ValueTask<CacheEntry<TValue>?>> loader, CancellationToken cancellationToken = default)
    {
        Check(key, loader);
        return Quick(key) is { } entry
            ? new(entry)
            : ReadOrLoadAsync(key, new EntryLoader<TKey, TValue>(loader), cancellationToken);
    }

    public ValueTask<CacheEntry<TValue>?> GetOrInsertEntryAsync<TState>(
        TKey key,
        TState state,
        Func<TKey, TState, CancellationToken, ValueTask<CacheEntry<TValue>?>> loader,
        CancellationToken cancellationToken = default)
    {
        Check(key, loader);
        return Quick(key) is { } entry
            ? new(entry)
            : ReadOrLoadAsync(key, new EntryLoader<TKey, TState, TValue>(state, loader), cancellationToken);
    }

    public ValueTask<bool> ContainsAsync(TKey key, CancellationToken cancellationToken = default)
    {
        Check(key);
        ValueTask<CacheEntry<TValue>?> read =
            IsQuiet && _primary.Find(key) is { } entry ? new(entry) : ReadAsync(key, promote: false, cancellationToken);
        return read.IsCompletedSuccessfully ? new(read.GetAwaiter().GetResult() is not null) : Later(read);

        static async ValueTask<bool> Later(ValueTask<CacheEntry<TValue>?> read) => await read.ConfigureAwait(false) is not null;
    }

    public ValueTask<InsertOutcome> InsertAsync(TKey key, TValue value, CancellationToken cancellationToken = default) =>
        InsertEntryAsync(key, new CacheEntry<TValue>(value), cancellationToken);

    public ValueTask<InsertOutcome> InsertEntryAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken = default) =>
        InsertEntryAsync(key, entry, limit: default, cancellationToken);

    public ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken = default)
    {
        Check(key);
        ThrowIfDisposed();
        return _writes.InvalidateAsync(key, cancellationToken);
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return _writes.ClearAsync(cancellationToken);
    }

    public ValueTask<long?> CountAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return _primary.CountAsync(cancellationToken);
    }

    /// <summary>The same cache, all of whose calls have ended when they return, if its tiers can do that. It waits for no work of this one.</summary>
    internal TieredCache<TKey, TValue> Synchronous()
    {
        TierPipeline<TKey, TValue> pipeline = _pipeline.Synchronous();
        return new(_observer, pipeline, new(pipeline, stampedeProtection: false, others: _flights), _refreshes, _trustedPrimary);
    }

    /// <summary>As <see cref="InsertEntryAsync(TKey, CacheEntry{TValue}, CancellationToken)"/>, with a limit that no tier's copy outlives, not even where the
    /// tier's own life is longer; not set for none.</summary>
    internal ValueTask<InsertOutcome> InsertEntryAsync(TKey key, CacheEntry<TValue> entry, Life limit, CancellationToken cancellationToken)
    {
        Check(key, entry);
        ThrowIfDisposed();
        return _writes.InsertAsync(key, entry, limit, cancellationToken);
    }

    /// <summary>Prolongs the sliding life of an entry.</summary>
    internal ValueTask RefreshAsync(TKey key, CancellationToken cancellationToken)
    {
        Check(key);
        ThrowIfDisposed();
        return _writes.RefreshAsync(key, cancellationToken);
    }

    /// <summary>Drops the key from every tier but the last, and tells nobody.</summary>
    internal ValueTask DropCopiesAsync(TKey key) => _pipeline.DropCopiesAsync(key, null);

    public async ValueTask DisposeAsync()
    {
        Stop();
        await _refreshes.StopAsync().ConfigureAwait(false);
        _pipeline.Dispose();
    }

    public void Dispose()
    {
        Stop();
        _refreshes.Stop();
        _pipeline.Dispose();
    }

    private void Stop()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _unwatched = false; // Takes reads off the path that asks no questions.
        _onlyWatcher = null;
        CacheRegistry.Remove(_observer.Cache);
    }

    // Nobody records this cache's hits: its own watchers were decided at Build, so one field is read per operation. A log at its usual severities has
    // nothing to say of a hit: it is asked, and then no clock is read and no id drawn.
    private bool IsQuiet
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (_unwatched || _onlyWatcher is { IsListeningToHits: false }) && CacheInstrumentation.Attached is not { IsEnabled: true };
    }

    /// <summary>What there is to say at once: nobody records it, memory has it, and it is not to be renewed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private CacheEntry<TValue>? Quick(TKey key) => IsQuiet ? _primary.FindSettled(key) : null;

    // The type is asked first: code that is not optimized would box a value to compare it with null.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Check(TKey key)
    {
        if (!typeof(TKey).IsValueType && key is null) ThrowNull(nameof(key));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Check(TKey key, object argument, [CallerArgumentExpression(nameof(argument))] string? name = null)
    {
        Check(key);
        if (argument is null) ThrowNull(name);
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);

    private static void ThrowNull(string? name) => throw new ArgumentNullException(name);

    private static ValueTask<TValue> ValueOf(ValueTask<CacheEntry<TValue>?> entry)
    {
        return entry.IsCompletedSuccessfully ? new(entry.GetAwaiter().GetResult()!.Value) : Later(entry);

        static async ValueTask<TValue> Later(ValueTask<CacheEntry<TValue>?> entry) => (await entry.ConfigureAwait(false))!.Value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ValueTask<CacheEntry<TValue>?> ReadAsync(TKey key, bool promote, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return _reads.GetAsync(key, promote, cancellationToken);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ValueTask<CacheEntry<TValue>?> ReadOrLoadAsync<TLoader>(TKey key, TLoader loader, CancellationToken cancellationToken)
        where TLoader : struct, ILoader<TKey, TValue> // boxed only when it is needed
    {
        ThrowIfDisposed();
        return _reads.GetOrLoadAsync(key, loader, cancellationToken);
    }
}
