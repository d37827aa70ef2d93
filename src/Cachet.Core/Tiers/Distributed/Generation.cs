using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;

namespace Cachet;

/// <summary>The random number in every store key of a distributed tier. It is kept in the store itself: a new one clears the tier for every node.</summary>
/// <remarks>
/// <para>Read once, inside the first call that needs it, and again at most every so often: that is how other nodes learn of a clear. One that is
/// missing or cannot be read is replaced and so counts as a clear, never as zero.</para>
/// <para>The store has no compare-and-swap: of two nodes that replace it at once the last wins, and the other follows at its next look. Until then
/// their entries are invisible to each other, never mixed up.</para>
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle is never asked for holds nothing to dispose of.")]
internal sealed class Generation(PayloadStore store, string prefix, TimeSpan checkEvery, TimeProvider time)
{
    private const long Size = EntryEnvelope<ulong>.HeaderSize + sizeof(ulong);

    private static readonly DistributedCacheEntryOptions _forEver = new();

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _replacing = new(1, 1);
    private readonly EntryEnvelope<ulong> _envelope = new(new Number());
    private readonly string _storeKey = prefix + "~generation";
    private readonly bool _isCoarse = ReferenceEquals(time, TimeProvider.System);
    private volatile State? _current;
    private Look? _look;
    private int _replaced;

    /// <summary>What every store key begins with now.</summary>
    public ValueTask<string> KeyPrefixAsync(CancellationToken cancellationToken)
    {
        State? current = _current;
        return current is not null && IsRecent(current) ? new(current.KeyPrefix) : LookAsync(cancellationToken);
    }

    /// <summary>Leaves every present entry behind, for every node.</summary>
    public async ValueTask ReplaceAsync(CancellationToken cancellationToken)
    {
        await _replacing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Adopt(await WriteAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (Exception)
        {
            Adopt(null); // The store may have taken it all the same: look again.
            throw;
        }
        finally
        {
            _replacing.Release();
        }
    }

    // Asked at every call of the tier: the coarse clock costs a fifth of the fine one.
    private bool IsRecent(State state) => _isCoarse ? Environment.TickCount64 < state.RecentUntil : IsRecent(state.ReadAt);

    private bool IsRecent(long timestamp) => time.GetElapsedTime(timestamp) < checkEvery;

    private State StateOf(ulong number, long readAt)
    {
        double left = (checkEvery - time.GetElapsedTime(readAt)).TotalMilliseconds;
        return new($"{prefix}{number.ToString("x16", CultureInfo.InvariantCulture)}:", readAt, Environment.TickCount64 + (long)left);
    }

    private void Adopt(State? state)
    {
        lock (_gate)
        {
            // A look that is under way may have seen the old one: it is no longer joined, and what it saw is not adopted.
            _replaced++;
            _look = null;
            _current = state;
        }
    }

    // All callers that need it share one look, and its failure: a store that is down costs each of them one time-out, not one after the other.
    private async ValueTask<string> LookAsync(CancellationToken cancellationToken)
    {
        Look look = Board(cancellationToken, out bool leads);
        if (leads) _ = RunAsync(look);
        await look.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (look.Fault is { } fault) ExceptionDispatchInfo.Throw(fault);
        return look.Seen!.KeyPrefix;
    }

    private Look Board(CancellationToken cancellationToken, out bool leads)
    {
        lock (_gate)
        {
            // One that is older than a look may be, because the store never answers, holds nobody else up.
            leads = !(_look is { } look && IsRecent(look.StartedAt) && look.TryBoard());
            return leads ? _look = new(cancellationToken.CanBeCanceled, time.GetTimestamp(), _replaced) : _look!;
        }
    }

    private async Task RunAsync(Look look)
    {
        try
        {
            State state = await ReadAsync(look.Token).ConfigureAwait(false) is { } number
                ? StateOf(number, look.StartedAt)
                : await WriteAsync(look.Token).ConfigureAwait(false);
            lock (_gate)
            {
                if (ReferenceEquals(_look, look)) _look = null;
                bool overtaken = _replaced != look.Replaced || (_current is not null && _current.ReadAt > state.ReadAt);
                if (!overtaken) _current = state;
                look.Seen = _current ?? state;
            }

            look.SetResult();
        }
        catch (Exception error)
        {
            lock (_gate)
            {
                if (ReferenceEquals(_look, look)) _look = null;
            }

            look.Crash(error);
        }
    }

    private async ValueTask<ulong?> ReadAsync(CancellationToken cancellationToken)
    {
        using StoredPayload found = await store.ReadAsync(_storeKey, Size, cancellationToken).ConfigureAwait(false);
        return found is { IsThere: true, Length: <= Size } ? _envelope.Read(_storeKey, found.Bytes).Entry?.Value : null;
    }

    private async Task<State> WriteAsync(CancellationToken cancellationToken)
    {
        long now = time.GetTimestamp();
        ulong number = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var entry = new CacheEntry<ulong>(number, time.GetUtcNow()).With(Life.Until(0, long.MaxValue));
        using PayloadBuffer payload = store.NewBuffer(Size);
        _envelope.Write(_storeKey, entry, payload);
        await store.WriteAsync(_storeKey, payload, _forEver, cancellationToken).ConfigureAwait(false);
        return StateOf(number, now);
    }

    /// <summary>What every store key begins with, and when that was asked for.</summary>
    /// <param name="KeyPrefix">What keys begin with.</param>
    /// <param name="ReadAt">When it was asked for, on the clock of the cache.</param>
    /// <param name="RecentUntil">When it is to be asked for again, on the coarse clock.</param>
    private sealed record State(string KeyPrefix, long ReadAt, long RecentUntil);

    /// <summary>One look at the store's generation.</summary>
    private sealed class Look(bool cancellable, long startedAt, int replaced) : Flight(cancellable)
    {
        public long StartedAt { get; } = startedAt;

        public int Replaced { get; } = replaced;

        public State? Seen { get; set; }
    }

    private sealed class Number : IHybridCacheSerializer<ulong>
    {
        public ulong Deserialize(ReadOnlySequence<byte> source)
        {
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            source.CopyTo(bytes);
            return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        }

        public void Serialize(ulong value, IBufferWriter<byte> target)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(target.GetSpan(sizeof(ulong)), value);
            target.Advance(sizeof(ulong));
        }
    }
}
