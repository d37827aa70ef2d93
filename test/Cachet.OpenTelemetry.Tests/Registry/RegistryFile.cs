using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace CachetTests.Registry;

/// <summary>A file of the registry as it is written: the fields of the schema that Cachet uses, and no others.</summary>
internal sealed class RegistryFile
{
    private static readonly IDeserializer _yaml =
        new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).WithDuplicateKeyChecking().Build();

    public List<GroupEntry> Groups { get; set; } = [];

    public static T Parse<T>(string text) => _yaml.Deserialize<T>(text);
}

internal sealed class ManifestFile
{
    public string Name { get; set; } = "";

    public string Description { get; set; } = "";

    public string SchemaUrl { get; set; } = "";

    public List<DependencyEntry> Dependencies { get; set; } = [];
}

internal sealed class DependencyEntry
{
    public string SchemaUrl { get; set; } = "";

    public string RegistryPath { get; set; } = "";
}

/// <summary>An attribute group, a span, a metric or an event.</summary>
internal sealed class GroupEntry
{
    public string? Id { get; set; }

    public string? Type { get; set; }

    public string? DisplayName { get; set; }

    public string? Brief { get; set; }

    public string? Note { get; set; }

    public string? Stability { get; set; }

    public string? Extends { get; set; }

    public string? SpanKind { get; set; }

    public string? MetricName { get; set; }

    public string? Instrument { get; set; }

    public string? Unit { get; set; }

    public string? Name { get; set; }

    public Dictionary<string, object> Annotations { get; set; } = [];

    public List<AttributeEntry> Attributes { get; set; } = [];
}

/// <summary>An attribute, defined or referred to. What is not said of a reference is that of the group that its group extends, or of the definition.</summary>
internal sealed class AttributeEntry
{
    public string? Id { get; set; }

    public string? Ref { get; set; }

    public object? Type { get; set; }

    public string? Stability { get; set; }

    public string? Brief { get; set; }

    public string? Note { get; set; }

    public List<string>? Examples { get; set; }

    public object? RequirementLevel { get; set; }

    public bool? SamplingRelevant { get; set; }

    public Dictionary<string, object>? Annotations { get; set; }

    /// <summary>This, with what it leaves out taken from another.</summary>
    public AttributeEntry Over(AttributeEntry other) => new()
    {
        Ref = Ref,
        Brief = Brief ?? other.Brief,
        RequirementLevel = RequirementLevel ?? other.RequirementLevel,
        SamplingRelevant = SamplingRelevant ?? other.SamplingRelevant,
        Annotations = Annotations ?? other.Annotations,
    };
}
