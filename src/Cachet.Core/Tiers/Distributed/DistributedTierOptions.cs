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
    /// <summary>What comes before every key in the store, so that caches sharing it keep apart. Left out: the cache's name and a <c>:</c>.</summary>
    public string? KeyPrefix { get; set; }

    /// <summary>Turns a key into text. Two different keys must never give the same text. Needed only for keys that are not strings, integers
    /// or <see cref="Guid"/>s.</summary>
    public Func<TKey, string>? KeyEncoder { get; set; }

    /// <summary>Turns values into bytes and back: any serializer that was written for <c>HybridCache</c>. Left out: System.Text.Json. Never given
    /// a <see langword="null"/> value. What a serializer of another type wrote counts as a payload that cannot be read; so does, of the same
    /// type, whatever makes <see cref="IHybridCacheSerializer{T}.Deserialize"/> throw.</summary>
    public IHybridCacheSerializer<TValue>? Serializer { get; set; }

    /// <summary>How the default serializer writes <typeparamref name="TValue"/>: the way for trimmed and ahead-of-time compiled applications.</summary>
    public JsonTypeInfo<TValue>? JsonTypeInfo { get; set; }

    /// <summary>Options of the default serializer. They must be able to resolve <typeparamref name="TValue"/>. Left out: reflection, fields
    /// included, not-a-number and the infinities as text.</summary>
    public JsonSerializerOptions? JsonSerializerOptions { get; set; }

    /// <summary>How often the tier asks the store for its generation: the time within which a clear on one node is seen by the others. Until
    /// then a node reads and writes what was before the clear, and what it writes goes with it. Zero asks at every call. Default: 10 seconds.</summary>
    public TimeSpan GenerationCheck { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    internal override void Validate(string cache, string tier)
    {
        base.Validate(cache, tier);
        if (GenerationCheck < TimeSpan.Zero) throw Invalid(cache, tier, nameof(GenerationCheck), GenerationCheck, "give a time that is zero or positive");
        if (KeyPrefix is { Length: 0 }) throw Invalid(cache, tier, nameof(KeyPrefix), "''", "give text, or leave it null for the cache's name");
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
    }
}
