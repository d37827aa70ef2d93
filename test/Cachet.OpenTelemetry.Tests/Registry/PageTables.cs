using System.Globalization;
using System.Text;
using Cachet;

namespace CachetTests.Registry;

/// <summary>The tables that people read, made of the registry.</summary>
internal sealed class PageTables(TelemetryRegistry registry)
{
    public static IReadOnlyDictionary<string, string> Of(TelemetryRegistry registry)
    {
        var tables = new PageTables(registry);
        return new Dictionary<string, string>
        {
            ["scopes"] = tables.Scopes(),
            ["spans"] = tables.Spans(),
            ["span-attributes"] = tables.SpanAttributes(),
            ["metrics"] = tables.Metrics(),
            ["metric-attributes"] = tables.MetricAttributes(),
            ["buckets"] = tables.Buckets(),
            ["events"] = tables.Events(),
            ["tier-event-attributes"] = tables.EventAttributes(static s => Has(s, TelemetryNames.Fallback) && IsTimed(s)),
            ["operation-event-attributes"] = tables.EventAttributes(static s => !Has(s, TelemetryNames.Fallback) && IsTimed(s)),
            ["other-event-attributes"] = tables.EventAttributes(static s => !IsTimed(s)),
            ["outcomes"] = tables.Outcomes(),
            ["attributes"] = tables.Attributes(),
            ["values"] = tables.Values(),
        };
    }

    private string Scopes() => Table(
        ["scope", "is", "and has"],
        from signal in registry.Signals
        from scope in signal.Facts["scope"]
        group signal by (signal.Kind, scope) into one
        orderby one.Key.Kind
        let words = one.Key.Kind switch
        {
            SignalKind.Span => (Is: "source of spans", All: "all spans"),
            SignalKind.Metric => (Is: "meter", All: "all metrics"),
            _ => (Is: "logger", All: "all log events"),
        }
        let names = one.Count() == registry.Of(one.Key.Kind).Count() ? words.All : Codes(one.Select(static s => s.Name))
        select new[] { Code(one.Key.scope), words.Is, names });

    private string Spans() => Table(
        ["span", "shown as", "what it is", "its parent", "links to"],
        registry.Of(SignalKind.Span).Select(static s => new[]
        {
            Code(s.Name),
            Codes(s.Facts["display_name"]),
            s.Brief,
            string.Join(", ", s.Facts["parent"].Select(Parent)),
            Codes(s.Facts["link"]),
        }));

    private string SpanAttributes() => Grouped(["span", "always, from the start", "always", "in some cases"], registry.Of(SignalKind.Span), static signal =>
    [
        Codes(signal.Attributes.Where(static a => a is { AtStart: true, Requirement: Requirement.Required }).Select(static a => a.Name)),
        Always(signal.Attributes),
        Sometimes(signal.Attributes),
    ]);

    private string MetricAttributes() => Grouped(
        ["metric", "always", "in some cases"], registry.Of(SignalKind.Metric), static s => [Always(s.Attributes), Sometimes(s.Attributes)]);

    /// <summary>Some of the events: what all of them have comes first, and then only what each has besides.</summary>
    private string EventAttributes(Func<Signal, bool> which)
    {
        Signal[] events = [.. registry.Of(SignalKind.Event).Where(which)];
        HashSet<string> common = [.. events.Select(static e => e.Attributes.Select(Use)).Aggregate(static (a, b) => a.Intersect(b))];
        Signal all = events[0] with { Name = "", Attributes = [.. events[0].Attributes.Where(a => common.Contains(Use(a)))] };
        IEnumerable<Signal> besides = events.Select(e => e with { Attributes = [.. e.Attributes.Where(a => !common.Contains(Use(a)))] });
        return Grouped(["event", "always", "in some cases"], besides.Prepend(all), static s => [Always(s.Attributes), Sometimes(s.Attributes)]);

        static string Use(AttributeUse use) => $"{use.Name} {use.Requirement} {use.Condition}";
    }

    private string Metrics() => Table(
        ["metric", "instrument", "of", "unit", "description"],
        registry.Of(SignalKind.Metric).Select(static s => new[]
        {
            Code(s.Name),
            s.Facts["instrument"].Single().Replace("updown", "up-down ", StringComparison.Ordinal),
            s.Facts["value_type"].Single(),
            Code(s.Facts["unit"].Single()),
            s.Brief,
        }));

    private string Buckets() => Table(
        ["histogram", "boundaries"],
        from signal in registry.Of(SignalKind.Metric)
        where signal.Facts.ContainsKey("boundaries")
        group signal.Name by signal.Facts["boundaries"].Single() into same
        select new[] { Codes(same), string.Join(", ", same.Key.Split(' ').Select(Plain)) });

    private string Events() => Table(
        ["severity", "event", "id", "when"],
        registry.Of(SignalKind.Event).OrderBy(static s => int.Parse(s.Facts["event_id"].Single(), CultureInfo.InvariantCulture)).Select(static s => new[]
        {
            s.Facts["severity"].Single(), Code(s.Name), s.Facts["event_id"].Single(), s.Brief,
        }));

    private string Outcomes() => Table(
        ["of", Code(TelemetryNames.Outcome)],
        from metric in registry.Of(SignalKind.Metric)
        from attribute in metric.Attributes
        where attribute.Name == TelemetryNames.Outcome
        let what = metric.Name.Split('.')[1] // operation, tier, load
        from values in attribute.Values!.Sets
        select new[] { values.Key.Length == 0 ? what : $"{what} {Code(values.Key)}", Codes(values.Value) });

    private string Attributes() => Table(
        ["attribute", "type", "what it says", "for example"],
        registry.Attributes.Select(static a => new[]
        {
            Code(a.Name),
            a.Type == "enum" ? "string" : a.Type,
            a.IsBorrowed ? $"{a.Brief} From the OpenTelemetry conventions." : a.Brief,
            a.Members.Count > 0 ? $"[{a.Members.Count} value{(a.Members.Count > 1 ? "s" : "")}](#{Anchor(a)})" : Codes(a.Examples.Select(static e => e.Split('\n')[0])),
        }));

    private static string Anchor(AttributeDefinition attribute) => attribute.Name.Replace(".", "", StringComparison.Ordinal);

    private string Values()
    {
        var text = new StringBuilder();
        foreach (AttributeDefinition attribute in registry.Attributes.Where(static a => a.Members.Count > 0))
        {
            text.Append('\n').Append("### ").Append(Code(attribute.Name)).Append("\n\n");
            text.Append(Table(["value", "means"], attribute.Members.Select(static m => new[] { Code(m.Value), m.Brief })));
        }

        return text.Append('\n').ToString();
    }

    /// <summary>Signals of which the same is to be said share a row.</summary>
    private static string Grouped(string[] head, IEnumerable<Signal> signals, Func<Signal, string[]> cells) => Table(
        head,
        from signal in signals
        group signal.Name by string.Join('\n', cells(signal)) into same
        select new[] { same.First().Length == 0 ? "all of these" : Codes(same) }.Concat(same.Key.Split('\n')).ToArray());

    private static bool Has(Signal signal, string attribute) => signal.Attributes.Any(a => a.Name == attribute);

    private static bool IsTimed(Signal signal) => Has(signal, TelemetryNames.DurationNanoseconds);

    private static string Always(IEnumerable<AttributeUse> attributes) =>
        Codes(attributes.Where(static a => a is { AtStart: false, Requirement: Requirement.Required }).Select(static a => a.Name));

    private static string Sometimes(IEnumerable<AttributeUse> attributes) => string.Join("; ",
        from attribute in attributes
        where attribute.Requirement != Requirement.Required
        group Code(attribute.Name) by $"{attribute.Condition ?? "asked for"}{(attribute.AtStart ? ", from the start" : "")}" into same
        select $"{string.Join(", ", same)} if {same.Key}");

    private static string Table(string[] head, IEnumerable<string[]> rows)
    {
        var text = new StringBuilder();
        foreach (string[] row in rows.Prepend([.. head.Select(static _ => "---")]).Prepend(head))
        {
            text.Append("| ").AppendJoin(" | ", row.Select(static c => c.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        }

        return text.ToString().Replace("| --- |", "|---|", StringComparison.Ordinal).Replace(" --- |", "---|", StringComparison.Ordinal);
    }

    private static string Parent(string name) => name switch
    {
        "any" => "whatever is current",
        "none" => "none: a root",
        "caller" => "whatever is current at the caller of a distributed cache",
        _ => Code(name),
    };

    private static string Codes(IEnumerable<string> names) => string.Join(", ", names.Select(Code));

    private static string Code(string name) => $"`{name}`";

    private static string Plain(string number) =>
        decimal.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
}
