namespace CachetTests.Registry;

/// <summary>Registries that lack something.</summary>
internal static class Doctored
{
    /// <summary>The registry without each of its rows in turn: signals, values of facts, attributes, values of attributes.</summary>
    public static IEnumerable<(string Row, TelemetryRegistry Without)> Poorer(TelemetryRegistry registry)
    {
        foreach (Signal signal in registry.Signals)
        {
            yield return ($"{signal}", registry with { Signals = [.. registry.Signals.Where(s => s != signal)] });
            foreach ((string row, Signal poorer) in Poorer(signal)) yield return (row, Replace(registry, signal, poorer));
        }
    }

    private static IEnumerable<(string Row, Signal Without)> Poorer(Signal signal)
    {
        foreach ((string fact, IReadOnlyList<string> values) in signal.Facts)
        {
            foreach (string value in values)
            {
                Dictionary<string, IReadOnlyList<string>> facts = new(signal.Facts) { [fact] = [.. values.Where(v => v != value)] };
                yield return ($"{signal}, {fact} {value}", signal with { Facts = facts });
            }
        }

        foreach (AttributeUse use in signal.Attributes)
        {
            yield return ($"{signal}, {use.Name}", signal with { Attributes = [.. signal.Attributes.Where(u => u != use)] });
            foreach ((string by, IReadOnlyList<string> values) in use.Values?.Sets ?? new Dictionary<string, IReadOnlyList<string>>())
            {
                foreach (string value in values)
                {
                    Dictionary<string, IReadOnlyList<string>> sets = new(use.Values!.Sets) { [by] = [.. values.Where(v => v != value)] };
                    AttributeUse poorer = use with { Values = use.Values with { Sets = sets } };
                    yield return ($"{signal}, {use.Name} {by} {value}", signal with { Attributes = [.. signal.Attributes.Select(u => u == use ? poorer : u)] });
                }
            }
        }
    }

    private static TelemetryRegistry Replace(TelemetryRegistry registry, Signal signal, Signal other) =>
        registry with { Signals = [.. registry.Signals.Select(s => s == signal ? other : s)] };
}
