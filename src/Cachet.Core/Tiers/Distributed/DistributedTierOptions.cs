using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;

namespace Cachet;

/// <summary>What can be set for a distributed tier.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class DistributedTierOptions<TKey, TValue> : TierOptions<TKey, TValue>
    where TKey : notnull
{
    /// <summary>What comes before every key in the store, so that caches sharing it keep apart. Left out: the cache's name and a <c>:</c>; a cache
    /// without a name of its own needs one.</summary>
    public string? KeyPrefix { get; set; }

    /// <summary>Turns a key into text. Two different keys must never give the same text, or one would be served the other's value; two that are equal
    /// must give the same, whatever the culture. May be left out for strings, numbers, <see cref="Guid"/>s, enums (by name), dates, times, and
    /// every type that implements <see cref="ISpanFormattable"/>, formatted without a format in the invariant culture, which must be one to one
    /// likewise. Which texts a store can hold is the store's affair: one that it refuses is a failure of that call, and of two keys that
    /// it takes for one (for it ignores case, or replaces halves of surrogate pairs) each at most evicts the other.</summary>
    public Func<TKey, string>? KeyEncoder { get; set; }

    /// <summary>Turns values into bytes and back: any serializer that was written for <c>HybridCache</c>. Left out: System.Text.Json. Never given
    /// a <see langword="null"/> value. What a serializer of another type wrote counts as a payload that cannot be read; so does, of the same
    /// type, whatever makes <see cref="IHybridCacheSerializer{T}.Deserialize"/> throw. The bytes that it is given to read belong to a pool: it must not
    /// keep them.</summary>
    public IHybridCacheSerializer<TValue>? Serializer { get; set; }

    /// <summary>How the default serializer writes <typeparamref name="TValue"/>: the way for trimmed and ahead-of-time compiled applications.</summary>
    public JsonTypeInfo<TValue>? JsonTypeInfo { get; set; }

    /// <summary>Options of the default serializer. They must be able to resolve <typeparamref name="TValue"/>. Left out: reflection, fields
    /// included, not-a-number and the infinities as text.</summary>
    public JsonSerializerOptions? JsonSerializerOptions { get; set; }

    /// <summary>How often the tier asks the store for its generation: the time within which a clear on one node is seen by the others. Until
    /// then a node reads and writes what was before the clear, and what it writes goes with it. Zero asks at every call. Default: 10 seconds.</summary>
    public TimeSpan GenerationCheck { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How large a serialized value may be, in bytes, without the envelope of <c>CachedAt</c>, lifetimes and checksum that the tier puts around
    /// it. A larger one is <see cref="InsertOutcome.Rejected"/> by this tier, which drops what it held under the key, and still lives in the
    /// others; one that is found in the store, written by a node with another limit, counts as a payload that cannot be read. Default: 1 MiB.</summary>
    public long MaximumPayloadBytes { get; set; } = 1024 * 1024;

    /// <inheritdoc/>
    internal override void Validate(string cache, string tier)
    {
        base.Validate(cache, tier);
        if (GenerationCheck < TimeSpan.Zero) throw Invalid(cache, tier, nameof(GenerationCheck), GenerationCheck, "give a time that is zero or positive");
        if (KeyPrefix is { Length: 0 }) throw Invalid(cache, tier, nameof(KeyPrefix), "''", "give text, or leave it null for the cache's name");
        if (MaximumPayloadBytes < 1) throw Invalid(cache, tier, nameof(MaximumPayloadBytes), MaximumPayloadBytes, "give 1 byte or more");
        int serializers = (Serializer is null ? 0 : 1) + (JsonTypeInfo is null ? 0 : 1) + (JsonSerializerOptions is null ? 0 : 1);
        if (serializers > 1)
        {
            throw Invalid(
                cache, tier, nameof(Serializer), "set together with another", "give one of Serializer, JsonTypeInfo and JsonSerializerOptions");
        }
    }

    /// <inheritdoc/>
    internal override void Read(SettingsReader settings)
    {
        base.Read(settings);
        settings.Text(nameof(KeyPrefix), v => KeyPrefix = v);
        settings.Time(nameof(GenerationCheck), v => GenerationCheck = v);
        settings.Whole<long>(nameof(MaximumPayloadBytes), v => MaximumPayloadBytes = v);
    }
}
