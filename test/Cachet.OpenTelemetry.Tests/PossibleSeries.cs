using Cachet;

namespace CachetTests;

/// <summary>Every set of attributes that a cache's measurements can have, by instrument: from the closed sets of values, failures aside.</summary>
/// <remarks>A set is written as its attributes, sorted, without the cache's name. <see cref="ErrorType"/> stands for the one type of exceptions.</remarks>
internal sealed class PossibleSeries
{
    public const string ErrorType = "System.IO.IOException";

    private readonly SortedDictionary<string, HashSet<string>> _sets = new(StringComparer.Ordinal);

    /// <summary>Makes the sets of a cache.</summary>
    /// <param name="tiers">The names of its tiers, in order.</param>
    /// <param name="serializing">Those that serialize.</param>
    /// <param name="evicting">Those that evict.</param>
    /// <param name="counting">Those that count without waiting.</param>
    /// <param name="failing">Whether calls fail, all with one type of exception.</param>
    public PossibleSeries(string[] tiers, string[] serializing, string[] evicting, string[] counting, bool failing)
    {
        AddOperations(tiers, failing);
        foreach (string tier in tiers)
        {
            string fallback = $"cache.fallback={(tier == tiers[0] ? "false" : "true")}";
            AddTier(tier, fallback, "get", failing, "hit", "miss", "expired", "invalid");
            AddTier(tier, fallback, "insert", failing, "inserted", "rejected");
            AddTier(tier, fallback, "invalidate", failing, "invalidated");
            AddTier(tier, fallback, "clear", failing, "cleared");
        }

        foreach (string outcome in new[] { "loaded", "skipped", "cancelled" }) Add(TelemetryNames.LoadDuration, $"cache.outcome={outcome}");
        if (failing) Add(TelemetryNames.LoadDuration, "cache.outcome=error", $"error.type={ErrorType}");
        Add(TelemetryNames.LoadActive);
        foreach (string tier in serializing)
        {
            foreach (string operation in new[] { "get", "insert" }) Add(TelemetryNames.EntrySize, $"cache.tier.name={tier}", $"cache.tier.operation={operation}");
        }

        foreach (string tier in evicting)
        {
            foreach (string reason in new[] { "capacity", "expired" }) Add(TelemetryNames.EntryEvictions, $"cache.tier.name={tier}", $"cache.eviction.reason={reason}");
        }

        foreach (string tier in counting) Add(TelemetryNames.Entries, $"cache.tier.name={tier}");
    }

    public IEnumerable<string> Instruments => _sets.Keys;

    public IReadOnlySet<string> this[string instrument] => _sets[instrument];

    /// <summary>A set of attributes as this class writes it.</summary>
    public static string Write(IEnumerable<string> attributes) => string.Join(' ', attributes.Order(StringComparer.Ordinal));

    private void AddOperations(string[] tiers, bool failing)
    {
        string[] served = [.. tiers.Select(static t => $"cache.tier.name={t}")];
        AddRead("get", "miss");
        AddRead("get_or_insert", "loaded", "skipped");
        AddOperation("insert", failing, [""], "inserted", "rejected", "cancelled");
        AddOperation("invalidate", failing, [""], "invalidated", "cancelled");
        AddOperation("clear", failing, [""], "cleared", "cancelled");

        // A refresh takes what a tier behind the first has, or loads, or shares a load that callers run, who may have found that the first has it now.
        AddOperation("refresh", failing, ["", "cache.coalesced=true"], "refreshed", "miss", "cancelled");
        foreach (string tier in served[1..]) AddOperation("refresh", failing: false, [tier], "refreshed");
        AddOperation("refresh", failing: false, [$"cache.coalesced=true {served[0]}"], "refreshed");

        void AddRead(string operation, params string[] outcomes)
        {
            AddOperation(operation, failing, ["", "cache.coalesced=true"], [.. outcomes, "cancelled"]);
            foreach (string tier in served) AddOperation(operation, failing: false, [tier, $"cache.coalesced=true {tier}"], "hit");
        }
    }

    private void AddOperation(string operation, bool failing, string[] more, params string[] outcomes)
    {
        foreach (string attributes in more)
        {
            foreach (string outcome in outcomes) Add(TelemetryNames.OperationDuration, $"cache.operation={operation}", $"cache.outcome={outcome}", attributes);
            if (failing) Add(TelemetryNames.OperationDuration, $"cache.operation={operation}", "cache.outcome=error", $"error.type={ErrorType}", attributes);
        }
    }

    private void AddTier(string tier, string fallback, string operation, bool failing, params string[] outcomes)
    {
        string[] common = [$"cache.tier.name={tier}", fallback, $"cache.tier.operation={operation}"];
        foreach (string outcome in outcomes.Append("cancelled")) Add(TelemetryNames.TierDuration, [.. common, $"cache.outcome={outcome}"]);
        if (failing) Add(TelemetryNames.TierDuration, [.. common, "cache.outcome=error", $"error.type={ErrorType}"]);
    }

    private void Add(string instrument, params string[] attributes)
    {
        if (!_sets.TryGetValue(instrument, out HashSet<string>? sets)) _sets[instrument] = sets = new(StringComparer.Ordinal);
        sets.Add(Write(attributes.SelectMany(static a => a.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }
}
