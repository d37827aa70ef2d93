namespace CachetTests.Registry;

/// <summary>Signals that lack something.</summary>
internal static class Doctored
{
    /// <summary>A signal without each of its rows in turn: values of facts, attributes, values of attributes.</summary>
    public static IEnumerable<(string Row, Signal Without)> Poorer(Signal signal)
    {
        foreach ((string fact, IReadOnlyList<string> values) in signal.Facts)
        {
            foreach (string value in values) yield return ($"{fact} {value}", signal with { Facts = Without(signal.Facts, fact, value) });
        }

        foreach (AttributeUse use in signal.Attributes)
        {
            yield return (use.Name, signal with { Attributes = [.. signal.Attributes.Where(u => u != use)] });
            foreach ((string by, IReadOnlyList<string> values) in use.Values?.Sets ?? new Dictionary<string, IReadOnlyList<string>>())
            {
                foreach (string value in values)
                {
                    AttributeUse poorer = use with { Values = use.Values! with { Sets = Without(use.Values.Sets, by, value) } };
                    yield return ($"{use.Name} {by} {value}", signal with { Attributes = [.. signal.Attributes.Select(u => u == use ? poorer : u)] });
                }
            }
        }
    }

    private static Dictionary<string, IReadOnlyList<string>> Without(IReadOnlyDictionary<string, IReadOnlyList<string>> all, string name, string value) =>
        new(all) { [name] = [.. all[name].Where(v => v != value)] };
}
