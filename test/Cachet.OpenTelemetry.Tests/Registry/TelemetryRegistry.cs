namespace CachetTests.Registry;

/// <summary>What docs/telemetry/*.yaml says that Cachet emits.</summary>
/// <param name="SchemaUrl">The version of the OpenTelemetry semantic conventions that it builds on.</param>
/// <param name="Attributes">Every attribute, in the order of the files.</param>
/// <param name="Signals">Every span, metric and event, in the order of the files.</param>
internal sealed record TelemetryRegistry(string SchemaUrl, IReadOnlyList<AttributeDefinition> Attributes, IReadOnlyList<Signal> Signals)
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "docs", "telemetry");

    public static TelemetryRegistry Read() => RegistryReader.Read(Folder);

    public IEnumerable<Signal> Of(SignalKind kind) => Signals.Where(s => s.Kind == kind);
}

/// <summary>An attribute, wherever it occurs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>string</c>, <c>int</c>, <c>double</c>, <c>boolean</c>, or <c>enum</c> for a string with a closed set of values.</param>
/// <param name="IsBorrowed">Whether it is defined by the OpenTelemetry conventions.</param>
/// <param name="Brief">What it means.</param>
/// <param name="Examples">Values that it may have.</param>
/// <param name="Members">Of an enum, all values that it can have.</param>
internal sealed record AttributeDefinition(
    string Name, string Type, bool IsBorrowed, string Brief, IReadOnlyList<string> Examples, IReadOnlyList<Member> Members)
{
    /// <summary>All values that the type allows; <see langword="null"/> if nobody can list them.</summary>
    public IReadOnlyList<string>? Values => Type switch
    {
        "enum" => [.. Members.Select(static m => m.Value)],
        "boolean" => ["false", "true"],
        _ => null,
    };
}

/// <summary>A value of an enum.</summary>
internal sealed record Member(string Value, string Brief);
