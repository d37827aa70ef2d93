using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Cachet;

/// <summary>A cache's section of the configuration: its switches, and for each tier a section under the tier's name.</summary>
internal static class CacheConfiguration
{
    /// <summary>Sets what the section says, over what code said.</summary>
    /// <exception cref="OptionsValidationException">The section says something that nobody understands.</exception>
    public static void Apply<TKey, TValue>(IConfigurationSection section, CacheBuilder<TKey, TValue> builder)
        where TKey : notnull
    {
        string owner = $"cache '{builder.Name}'";
        var failures = new List<string>();
        var cache = new SettingsReader(section, owner, failures);
        cache.Flag(nameof(builder.StampedeProtection), v => builder.StampedeProtection(v));
        cache.OneOf<TierErrorPolicy>(nameof(builder.TierErrors), v => builder.TierErrors(v));
        cache.Count(nameof(builder.MaxConcurrentRefreshes), v => builder.MaxConcurrentRefreshes(v));

        (string Name, ITierOptions Options)[] tiers = [.. builder.NamedOptions];
        if (tiers.Length == 0) AddTiers(cache, owner, builder);
        foreach ((string name, ITierOptions options) in tiers)
        {
            if (cache.Section(name, $"tier '{name}' of {owner}") is { } tier) Read(tier, options);
        }

        cache.RefuseTheRest();
        if (failures.Count > 0) throw new OptionsValidationException(builder.Name, builder.GetType(), failures);
    }

    // Sections come sorted by name, whatever their order in a file: a tier's position has to be its name.
    private static void AddTiers<TKey, TValue>(SettingsReader cache, string owner, CacheBuilder<TKey, TValue> builder)
        where TKey : notnull
    {
        int position = 1;
        for (; cache.Section($"L{position}", $"tier 'l{position}' of {owner}") is { } tier; position++)
        {
            (string, Action)[] types =
            [
                ("Memory", () => builder.Memory(o => Read(tier, o))),
                ("MemoryCache", () => builder.MemoryCache(o => Read(tier, o))),
                ("Distributed", () => builder.Distributed(o => Read(tier, o))),
            ];
            if (!tier.OneOf("Type", types, static add => add())) tier.Missing("Type", "it should be Memory, MemoryCache or Distributed, as no tier is added in code");
        }

        if (position == 1) cache.Missing("L1", $"{owner} has no tier. Add tiers in code, or describe them as L1, L2 …, each with its Type");
    }

    private static void Read(SettingsReader settings, ITierOptions options)
    {
        options.Read(settings);
        settings.RefuseTheRest();
    }
}
