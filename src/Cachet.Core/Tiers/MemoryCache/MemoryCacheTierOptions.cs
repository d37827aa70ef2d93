namespace Cachet;

/// <summary>What can be set for a tier over an <see cref="Microsoft.Extensions.Caching.Memory.IMemoryCache"/>.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class MemoryCacheTierOptions<TKey, TValue> : TierOptions<TKey, TValue>
    where TKey : notnull
{
    /// <summary>The size of every entry, in the unit of the memory cache's size limit; without a limit it means nothing. Default: 1.</summary>
    public long Size { get; set; } = 1;

    /// <summary>The size of an entry by its key and value, in the unit of the memory cache's size limit, never negative; beats <see cref="Size"/>. Called
    /// by every insert: what it throws is a failure of that tier's insert.</summary>
    public Func<TKey, TValue, long>? SizeOf { get; set; }

    /// <inheritdoc/>
    internal override void Validate(string cache, string tier)
    {
        base.Validate(cache, tier);
        if (Size < 0) throw Invalid(cache, tier, nameof(Size), Size, "give a size that is zero or positive");
    }

    /// <inheritdoc/>
    internal override void Read(SettingsReader settings)
    {
        base.Read(settings);
        settings.Whole<long>(nameof(Size), v => Size = v);
    }
}
