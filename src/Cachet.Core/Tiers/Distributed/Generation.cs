using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
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
internal sealed class Generation(IDistributedCache store, string prefix, TimeSpan checkEvery, TimeProvider time)
{
    private static readonly DistributedCacheEntryOptions _forEver = new();

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _replacing = new(1, 1);
    private readonly string _storeKey = prefix + "~generation";
    private volatile State? _current;
    private TaskCompletionSource<State>? _reading;
    private int _replaced;

    /// <summary>What every store key begins with now.</summary>
    public ValueTask<string> KeyPrefixAsync(CancellationToken cancellationToken)
    {
        State? current = _current;
        return current is not null && time.GetElapsedTime(current.ReadAt) < checkEvery ? new(current.KeyPrefix) : Wait(cancellationToken);

        async ValueTask<string> Wait(CancellationToken cancellationToken) =>
            (await ReadSharedAsync().WaitAsync(cancellationToken).ConfigureAwait(false)).KeyPrefix;
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

    private void Adopt(State? state)
    {
        lock (_gate)
        {
            // A read that is under way may have seen the old one: it is no longer joined, and what it read is not adopted.
            _replaced++;
            _reading = null;
            _current = state;
        }
    }

    // All callers that need it share one read, and its failure: a store that is down costs each of them one time-out, not one after the other.
    private Task<State> ReadSharedAsync()
    {
        TaskCompletionSource<State> mine;
        int replaced;
        lock (_gate)
        {
            if (_reading is { } reading) return reading.Task;
            _reading = mine = new(TaskCreationOptions.RunContinuationsAsynchronously);
            replaced = _replaced;
        }

        _ = ReadAsync(mine, replaced);
        return mine.Task;
    }

    private async Task ReadAsync(TaskCompletionSource<State> mine, int replaced)
    {
        try
        {
            byte[]? stored = await store.GetAsync(_storeKey, CancellationToken.None).ConfigureAwait(false);
            State state = stored is not null && EntryEnvelope.Read(_storeKey, stored, Number.Serializer) is { Entry: { } entry }
                ? Next(entry.Value)
                : await WriteAsync(CancellationToken.None).ConfigureAwait(false);
            lock (_gate)
            {
                if (ReferenceEquals(_reading, mine)) _reading = null;
                if (_replaced == replaced) _current = state;
                else state = _current ?? state;
            }

            mine.SetResult(state);
        }
        catch (Exception error)
        {
            lock (_gate)
            {
                if (ReferenceEquals(_reading, mine)) _reading = null;
            }

            mine.SetException(error);
            _ = mine.Task.Exception; // Seen: everybody who waited may have left.
        }
    }

    private async Task<State> WriteAsync(CancellationToken cancellationToken)
    {
        ulong number = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var entry = new CacheEntry<ulong>(number, time.GetUtcNow()).With(Life.Until(1, long.MaxValue));
        await store.SetAsync(_storeKey, EntryEnvelope.Write(_storeKey, entry, Number.Serializer), _forEver, cancellationToken).ConfigureAwait(false);
        return Next(number);
    }

    private State Next(ulong number) => new($"{prefix}{number.ToString("x16", CultureInfo.InvariantCulture)}:", time.GetTimestamp());

    private sealed record State(string KeyPrefix, long ReadAt);

    private sealed class Number : IHybridCacheSerializer<ulong>
    {
        public static Number Serializer { get; } = new();

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
