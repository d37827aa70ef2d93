namespace CachetTests.Registry;

/// <summary>Compares what was emitted with what the registry says, both ways.</summary>
internal sealed class RegistryComparison
{
    private readonly TelemetryRegistry _registry;
    private readonly SortedSet<string> _findings = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    private RegistryComparison(TelemetryRegistry registry) => _registry = registry;

    /// <summary>Everything that was emitted and is not in the registry, or otherwise than it says; and every row of the registry that was never
    /// emitted.</summary>
    public static IReadOnlyList<string> Findings(TelemetryRegistry registry, IEnumerable<Emission> emissions)
    {
        var comparison = new RegistryComparison(registry);
        foreach (Emission emission in emissions) comparison.Check(emission);
        comparison.CheckThatAllWasSeen();
        return [.. comparison._findings];
    }

    private void Check(Emission emission)
    {
        Signal? signal = _registry.Signals.SingleOrDefault(s => s.Kind == emission.Kind && s.Name == emission.Name);
        if (signal is null)
        {
            _findings.Add($"{emission.Kind.ToString().ToLowerInvariant()} {emission.Name} is not in the registry");
            return;
        }

        foreach ((string fact, string value) in emission.Facts) CheckFact(emission, signal, fact, value);
        if (emission.Attributes is null) return;
        _seen.Add($"{signal}");
        foreach (EmittedAttribute attribute in emission.Attributes) CheckAttribute(emission, signal, attribute);
        foreach (AttributeUse use in signal.Attributes) CheckPresence(emission, signal, use);
    }

    private void CheckFact(Emission emission, Signal signal, string fact, string value)
    {
        IReadOnlyList<string> allowed = signal.Facts.GetValueOrDefault(fact) ?? [];
        foreach (string one in allowed)
        {
            if (one != "any" && emission.Fill(one) != value) continue;
            _seen.Add(Row(signal, fact, one));
            return;
        }

        _findings.Add($"{signal}: {fact} is '{value}'; the registry says {(allowed.Count == 0 ? "nothing" : $"'{string.Join("', '", allowed)}'")}");
    }

    private void CheckAttribute(Emission emission, Signal signal, EmittedAttribute attribute)
    {
        AttributeUse? use = signal.Attributes.SingleOrDefault(u => u.Name == attribute.Name);
        if (use is null)
        {
            _findings.Add($"{signal}: attribute {attribute.Name} is not in the registry");
            return;
        }

        _seen.Add(Row(signal, use));
        _seen.Add(Row(use.Attribute));
        if (emission.Attributes!.Count(a => a.Name == attribute.Name) > 1) _findings.Add($"{signal}: attribute {attribute.Name} is there twice");
        string type = use.Attribute.Type == "enum" ? "string" : use.Attribute.Type;
        if (attribute.Type != type) _findings.Add($"{signal}: attribute {attribute.Name} is of type {attribute.Type}; the registry says {type}");
        if (attribute.AtStart != use.AtStart) _findings.Add($"{signal}: attribute {attribute.Name} is {(use.AtStart ? "not " : "")}given at the start");
        if (use.Values is not { } values) return;
        string by = values.By is null ? "" : emission.Find(values.By) ?? "nothing";
        if (values.Sets.GetValueOrDefault(by)?.Contains(attribute.Text) == true)
        {
            _seen.Add(Row(signal, use, by, attribute.Text));
            _seen.Add(Row(use.Attribute, attribute.Text));
        }
        else
        {
            string where = values.By is null ? "" : $" where {values.By} is '{by}'";
            _findings.Add($"{signal}: attribute {attribute.Name} is '{attribute.Text}'{where}, which is not in the registry");
        }
    }

    private void CheckPresence(Emission emission, Signal signal, AttributeUse use)
    {
        bool isThere = emission.Attributes!.Any(a => a.Name == use.Name);
        if (!isThere && use.Requirement == Requirement.Required) _findings.Add($"{signal}: attribute {use.Name} is required and missing");
        foreach ((string other, IReadOnlyList<string> values) in use.When)
        {
            string? value = emission.Find(other);
            if (values.Contains(value) == isThere) continue;
            _findings.Add($"{signal}: attribute {use.Name} is {(isThere ? "there" : "missing")} where {other} is '{value}'");
        }
    }

    private void CheckThatAllWasSeen()
    {
        foreach (Signal signal in _registry.Signals)
        {
            if (_seen.Contains($"{signal}")) NeverSeen(RowsOf(signal));
            else NeverSeen([$"{signal}"]);
        }

        foreach (AttributeDefinition attribute in _registry.Attributes)
        {
            if (_seen.Contains(Row(attribute))) NeverSeen(attribute.Members.Select(m => Row(attribute, m.Value)));
            else NeverSeen([Row(attribute)]);
        }
    }

    private void NeverSeen(IEnumerable<string> rows) => _findings.UnionWith(rows.Where(r => !_seen.Contains(r)).Select(static r => $"{r} was never emitted"));

    private static IEnumerable<string> RowsOf(Signal signal)
    {
        foreach ((string fact, IReadOnlyList<string> values) in signal.Facts)
        {
            foreach (string value in values) yield return Row(signal, fact, value);
        }

        foreach (AttributeUse use in signal.Attributes)
        {
            yield return Row(signal, use);
            foreach ((string by, IReadOnlyList<string> values) in use.Values?.Sets ?? new Dictionary<string, IReadOnlyList<string>>())
            {
                foreach (string value in values) yield return Row(signal, use, by, value);
            }
        }
    }

    private static string Row(Signal signal, string fact, string value) => $"{signal}, {fact} '{value}'";

    private static string Row(Signal signal, AttributeUse use) => $"{signal}, attribute {use.Name}";

    private static string Row(Signal signal, AttributeUse use, string by, string value) =>
        $"{Row(signal, use)} '{value}'{(use.Values!.By is { } other ? $" where {other} is '{by}'" : "")}";

    private static string Row(AttributeDefinition attribute) => $"attribute {attribute.Name}";

    private static string Row(AttributeDefinition attribute, string value) => $"attribute {attribute.Name} '{value}'";
}
