namespace CachetTests.Registry;

internal enum SignalKind
{
    Span,
    Metric,
    Event,
}

internal enum Requirement
{
    Required,
    Conditional,
    OptIn,
}

/// <summary>A span, a metric or a log event of the registry.</summary>
/// <param name="Kind">Which of the three.</param>
/// <param name="Name">Its name.</param>
/// <param name="Brief">What it is; of a metric, its description too.</param>
/// <param name="Facts">What else is the same for all of its kind, by name: the values that it may have. Attributes in braces stand for their values.</param>
/// <param name="Attributes">Its attributes.</param>
internal sealed record Signal(
    SignalKind Kind,
    string Name,
    string Brief,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Facts,
    IReadOnlyList<AttributeUse> Attributes)
{
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} {Name}";
}

/// <summary>An attribute of a signal.</summary>
/// <param name="Attribute">Which one.</param>
/// <param name="Requirement">Whether it has to be there.</param>
/// <param name="Condition">In words, when it has to.</param>
/// <param name="AtStart">Of spans: given when the span starts, so that samplers see it.</param>
/// <param name="Values">The values that occur; <see langword="null"/> if nobody can list them.</param>
/// <param name="When">It is there exactly where each of these attributes or facts has one of these values.</param>
internal sealed record AttributeUse(
    AttributeDefinition Attribute,
    Requirement Requirement,
    string? Condition,
    bool AtStart,
    ValueSets? Values,
    IReadOnlyDictionary<string, IReadOnlyList<string>> When)
{
    public string Name => Attribute.Name;
}

/// <summary>Which values occur, in all or for each value of another attribute.</summary>
/// <param name="By">The other attribute, or <see langword="null"/>.</param>
/// <param name="Sets">The values by those of the other attribute; all of them under an empty text if there is none.</param>
internal sealed record ValueSets(string? By, IReadOnlyDictionary<string, IReadOnlyList<string>> Sets)
{
    public static ValueSets Of(IReadOnlyList<string> values) => new(null, new Dictionary<string, IReadOnlyList<string>> { [""] = values });
}
