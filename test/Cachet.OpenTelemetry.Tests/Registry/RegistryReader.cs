using System.Globalization;

namespace CachetTests.Registry;

/// <summary>Makes a registry of its files. What the schema does not allow, what refers to nothing and what nobody would look at is refused.</summary>
internal sealed class RegistryReader
{
    private const string Borrowed = "attributes.cache.conventions";

    private static readonly string[] _types = ["string", "int", "double", "boolean"];

    private readonly Dictionary<string, GroupEntry> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AttributeDefinition> _attributes = new(StringComparer.Ordinal);

    private RegistryReader(IEnumerable<GroupEntry> groups)
    {
        foreach (GroupEntry group in groups)
        {
            string id = Need(group.Id, "a group", "id");
            Need(group.Brief, id, "brief");
            if (!_groups.TryAdd(id, group)) throw new InvalidDataException($"There are two groups {id}.");
        }

        foreach (GroupEntry group in _groups.Values)
        {
            foreach (AttributeEntry entry in group.Attributes.Where(e => e.Id is not null || group.Id == Borrowed))
            {
                AttributeDefinition attribute = Define(entry);
                if (!_attributes.TryAdd(attribute.Name, attribute)) throw new InvalidDataException($"{attribute.Name} is defined twice.");
            }
        }
    }

    /// <summary>Reads a folder: manifest.yaml, and all other YAML files in it.</summary>
    public static TelemetryRegistry Read(string folder)
    {
        string[] files = [.. Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal)];
        string manifest = files.Single(static f => Path.GetFileName(f) == "manifest.yaml");
        return Parse(File.ReadAllText(manifest), [.. files.Where(f => f != manifest).Select(File.ReadAllText)]);
    }

    public static TelemetryRegistry Parse(string manifest, params string[] files)
    {
        DependencyEntry conventions = RegistryFile.Parse<ManifestFile>(manifest).Dependencies.Single();
        var reader = new RegistryReader(files.SelectMany(static f => RegistryFile.Parse<RegistryFile>(f).Groups));
        Signal[] signals = [.. reader._groups.Values.Where(static g => g.Type != "attribute_group").Select(reader.Resolve)];
        if (signals.GroupBy(static s => (s.Kind, s.Name)).FirstOrDefault(static g => g.Count() > 1) is { } twice)
        {
            throw new InvalidDataException($"There are two of {twice.First()}.");
        }

        return new(conventions.SchemaUrl, [.. reader._attributes.Values], signals);
    }

    private static AttributeDefinition Define(AttributeEntry entry)
    {
        string name = Need(entry.Id ?? entry.Ref, "an attribute", "id");
        string brief = Need(entry.Brief, name, "brief");
        if (entry.Ref is not null) return new(name, "string", true, brief, entry.Examples ?? [], []);
        Need(entry.Stability, name, "stability");
        if (entry.Type is Dictionary<object, object> type)
        {
            return new(name, "enum", false, brief, [], [.. ((List<object>)type["members"]).Cast<Dictionary<object, object>>().Select(ToMember)]);
        }

        string? simple = entry.Type as string;
        if (!_types.Contains(simple)) throw new InvalidDataException($"{name} has the type '{simple}'.");
        if (simple == "string" && entry.Examples is not { Count: > 0 }) throw new InvalidDataException($"{name} is text and has no examples.");
        return new(name, simple!, false, brief, entry.Examples ?? [], []);
    }

    private static Member ToMember(Dictionary<object, object> member)
    {
        string value = (string)member["value"];
        if (value != (string)member["id"]) throw new InvalidDataException($"The member '{value}' has another id.");
        if (!member.ContainsKey("stability")) throw new InvalidDataException($"The member '{value}' has no stability.");
        return new(value, (string)member["brief"]);
    }

    private Signal Resolve(GroupEntry group)
    {
        Need(group.Stability, group.Id!, "stability");
        List<AttributeEntry> entries = Inherit(group);
        AttributeUse[] uses = [.. entries.Select(e => Use(group, e, entries))];
        var facts = new Facts(group);
        (SignalKind kind, string? name) = group.Type switch
        {
            "span" => (SignalKind.Span, group.Id!["span.".Length..]), // The schema has no field for it: it is what the id says.
            "metric" => (SignalKind.Metric, group.MetricName),
            "event" => (SignalKind.Event, group.Name),
            _ => throw new InvalidDataException($"{group.Id} has the type '{group.Type}'."),
        };
        if (group.Id != $"{group.Type}.{name}") throw new InvalidDataException($"{group.Id} should be called {group.Type}.{name}.");
        return new(kind, name!, group.Brief!, facts.Read(), uses);
    }

    /// <summary>The attributes of a group: first those of the group that it extends, in their order, as far as it says nothing else of them.</summary>
    private List<AttributeEntry> Inherit(GroupEntry group)
    {
        List<AttributeEntry> entries = group.Extends is null ? [] : Inherit(Find(_groups, group.Extends, group.Id!));
        foreach (AttributeEntry entry in group.Attributes)
        {
            Find(_attributes, Need(entry.Ref, group.Id!, "ref"), group.Id!);
            int at = entries.FindIndex(e => e.Ref == entry.Ref);
            if (at < 0) entries.Add(entry);
            else entries[at] = entry.Over(entries[at]);
        }

        return entries;
    }

    private AttributeUse Use(GroupEntry group, AttributeEntry entry, List<AttributeEntry> all)
    {
        AttributeDefinition attribute = _attributes[entry.Ref!];
        (Requirement requirement, string? condition) = entry.RequirementLevel switch
        {
            "required" => (Requirement.Required, null),
            "opt_in" => (Requirement.OptIn, null),
            Dictionary<object, object> { Count: 1 } d when d.TryGetValue("conditionally_required", out object? text) => (Requirement.Conditional, (string)text),
            _ => throw new InvalidDataException($"{group.Id} does not say whether {attribute.Name} has to be there."),
        };
        var notes = new Annotations(entry.Annotations ?? [], $"{group.Id}, {attribute.Name}");
        string? by = notes.Text("by");
        ValueSets? values = by is not null ? new(by, notes.Lists("values")) : notes.List("values") is { } list ? ValueSets.Of(list) : null;
        if (by is not null && all.TrueForAll(e => e.Ref != by)) throw new InvalidDataException($"{group.Id} has no {by}.");
        if (values?.Sets.Values.SelectMany(static v => v).Except(attribute.Values ?? []).FirstOrDefault() is { } stranger)
        {
            throw new InvalidDataException($"{group.Id}: '{stranger}' is no value of {attribute.Name}.");
        }

        values ??= attribute.Values is { } every ? ValueSets.Of(every) : null;
        IReadOnlyDictionary<string, IReadOnlyList<string>> when = notes.Lists("when");
        notes.ThrowIfAnyLeft();
        return new(attribute, requirement, condition, entry.SamplingRelevant == true, values, when);
    }

    private static T Find<T>(Dictionary<string, T> all, string id, string where) =>
        all.TryGetValue(id, out T? found) ? found : throw new InvalidDataException($"{where} refers to {id}, which is not there.");

    private static string Need(string? value, string where, string field) =>
        string.IsNullOrWhiteSpace(value) ? throw new InvalidDataException($"{where} has no {field}.") : value;

    /// <summary>What a group says of itself.</summary>
    private sealed class Facts(GroupEntry group)
    {
        private readonly Annotations _notes = new(group.Annotations, group.Id!);
        private readonly Dictionary<string, IReadOnlyList<string>> _facts = new(StringComparer.Ordinal);

        public Dictionary<string, IReadOnlyList<string>> Read()
        {
            Add("scope", _notes.List("scope"));
            if (group.Type == "span")
            {
                Add("kind", group.SpanKind);
                Add("display_name", _notes.Text("display_name"));
                Add("parent", _notes.List("parent"));
                Add("status", ["unset", "error"]); // Never ok: that is for applications to say.
                _facts["link"] = _notes.List("links") ?? [];
            }
            else if (group.Type == "metric")
            {
                Add("instrument", _notes.Text("asynchronous") == "true" ? $"observable {group.Instrument}" : group.Instrument);
                Add("unit", group.Unit);
                Add("description", group.Brief);
                Add("value_type", _notes.Lists("code_generation").GetValueOrDefault("metric_value_type"));
                if (_notes.List("boundaries") is { } boundaries) Add("boundaries", Emission.Boundaries(boundaries.Select(Number)));
            }
            else
            {
                Add("severity", _notes.Text("severity"));
                Add("event_id", _notes.Text("event_id"));
            }

            _notes.ThrowIfAnyLeft();
            return _facts;
        }

        private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

        private void Add(string fact, string? value) => Add(fact, value is null ? null : [value]);

        private void Add(string fact, IReadOnlyList<string>? values) =>
            _facts[fact] = values ?? throw new InvalidDataException($"{group.Id} has no {fact}.");
    }
}
