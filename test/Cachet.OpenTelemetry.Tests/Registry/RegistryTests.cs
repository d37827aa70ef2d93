using System.Reflection;
using Cachet;

namespace CachetTests.Registry;

/// <summary>The registry by itself: its names are those in the code, and it can be read as strictly as it is written.</summary>
public sealed class RegistryTests
{
    private const string Manifest = """
        name: shop
        description: A shop.
        schema_url: https://shop.invalid/schemas/1.0.0
        dependencies: [{ schema_url: https://opentelemetry.io/schemas/1.40.0, registry_path: conventions }]
        """;

    private const string Attributes = """
        groups:
          - id: registry.shop
            type: attribute_group
            brief: The shop.
            attributes:
              - { id: shop.name, type: string, stability: development, brief: Its name., examples: [corner] }
              - { id: shop.open, type: boolean, stability: development, brief: Whether it is open. }
              - id: shop.sale
                type:
                  members:
                    - { id: cash, value: cash, brief: Paid., stability: development }
                    - { id: tick, value: tick, brief: Owed., stability: development }
                stability: development
                brief: How.
        """;

    private static readonly TelemetryRegistry _registry = TelemetryRegistry.Read();

    [Test]
    public void Names_AllConstants_AreThoseOfTheRegistry()
    {
        IEnumerable<string> constants = typeof(TelemetryNames).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(static f => f.IsLiteral).Select(static f => (string)f.GetRawConstantValue()!);

        IEnumerable<string> names = _registry.Signals.SelectMany(static s => s.Facts["scope"])
            .Concat(_registry.Signals.Select(static s => s.Name))
            .Concat(_registry.Attributes.Select(static a => a.Name))
            .Where(static n => !n.StartsWith("exception.", StringComparison.Ordinal)); // Exporters write them, not Cachet.

        Assert.That(names.Distinct(), Is.EquivalentTo(constants.Distinct()));
    }

    [Test]
    public void Values_OfEnums_AreThoseOfTheCode()
    {
        Assert.That(Values(TelemetryNames.Operation), Is.EquivalentTo(Enum.GetValues<CacheOperation>().Select(TelemetryNames.Of)));
        Assert.That(Values(TelemetryNames.Outcome), Is.EquivalentTo(Enum.GetValues<CacheOutcome>().Select(TelemetryNames.Of)));
        Assert.That(
            Values(TelemetryNames.EvictionReason),
            Is.EquivalentTo(new[] { EvictionReason.Capacity, EvictionReason.Expired }.Select(TelemetryNames.Of)));
        Assert.That(
            Values(TelemetryNames.TierOperation),
            Is.EquivalentTo(
                new[] { CacheOperation.Get, CacheOperation.Insert, CacheOperation.Invalidate, CacheOperation.Clear, CacheOperation.Refresh }
                    .Select(TelemetryNames.Of)));
    }

    [Test]
    public void Events_NamesAndIds_AreThoseOfTheCode() => Assert.That(
        _registry.Of(SignalKind.Event).Select(static s => (s.Name, s.Facts["event_id"].Single())),
        Is.EquivalentTo(Enum.GetValues<CacheEvent>().Select(static e => (TelemetryNames.Of(e), $"{(int)e}"))));

    [Test]
    public void Conventions_Version_IsTheSchemaOfSourcesAndMeter()
    {
        using var trace = new TraceRecorder();
        Cache.Builder<string, string>("products").Memory().Build().GetAsync("k").AsTask().Wait();

        Assert.That(_registry.SchemaUrl, Is.EqualTo(trace.Spans[0].Source.TelemetrySchemaUrl));
    }

    [Test]
    public void Parse_AGroupThatExtends_TakesWhatItDoesNotSay()
    {
        TelemetryRegistry registry = Parse("""
            groups:
              - id: attributes.shop
                type: attribute_group
                brief: All of them.
                attributes:
                  - { ref: shop.sale, requirement_level: required, sampling_relevant: true }
                  - { ref: shop.open, requirement_level: { conditionally_required: it is day }, annotations: { when: { status: [unset] } } }
              - id: span.shop.sell
                type: span
                span_kind: internal
                stability: development
                extends: attributes.shop
                brief: It sells.
                annotations: { scope: Shop, display_name: "sell {shop.name}", parent: none, links: [shop.buy] }
                attributes:
                  - { ref: shop.name, requirement_level: opt_in }
                  - { ref: shop.sale, annotations: { by: shop.open, values: { true: [cash, tick], false: [tick] } } }
            """);

        Signal span = registry.Signals.Single();
        Assert.That(span.ToString(), Is.EqualTo("span shop.sell"));
        Assert.That(span.Attributes.Select(static a => $"{a.Name} {a.Requirement} {a.Condition} {a.AtStart} {a.Values?.By}"), Is.EqualTo(
        [
            "shop.sale Required  True shop.open",
            "shop.open Conditional it is day False ",
            "shop.name OptIn  False ",
        ]));
        Assert.That(span.Attributes[0].Values!.Sets, Is.EqualTo(new Dictionary<string, string[]> { ["true"] = ["cash", "tick"], ["false"] = ["tick"] }));
        Assert.That(span.Attributes[1].Values!.Sets[""], Is.EqualTo(["false", "true"]));
        Assert.That(span.Attributes[1].When, Is.EqualTo(new Dictionary<string, string[]> { ["status"] = ["unset"] }));
        Assert.That(span.Attributes[2].Values, Is.Null);
        Assert.That(span.Facts, Is.EqualTo(new Dictionary<string, string[]>
        {
            ["scope"] = ["Shop"],
            ["kind"] = ["internal"],
            ["display_name"] = ["sell {shop.name}"],
            ["parent"] = ["none"],
            ["status"] = ["unset", "error"],
            ["link"] = ["shop.buy"],
        }));
    }

    [TestCase("annotations: { scope: Shop, severity: debug }", "event.shop.sold has no event_id.")]
    [TestCase("annotations: { scope: Shop, severity: debug, event_id: 1, emitted: false }", "event.shop.sold has an annotation emitted, which means nothing.")]
    [TestCase("annotations: { scope: Shop, severity: [debug, error], event_id: 1 }", "event.shop.sold: severity should be one value.")]
    [TestCase("extends: attributes.gone", "event.shop.sold refers to attributes.gone, which is not there.")]
    [TestCase("attributes: [{ ref: shop.size, requirement_level: required }]", "event.shop.sold refers to shop.size, which is not there.")]
    [TestCase("attributes: [{ ref: shop.name }]", "event.shop.sold does not say whether shop.name has to be there.")]
    [TestCase(
        "attributes: [{ ref: shop.sale, requirement_level: required, annotations: { values: [card] } }]",
        "event.shop.sold: 'card' is no value of shop.sale.")]
    [TestCase(
        "attributes: [{ ref: shop.sale, requirement_level: required, annotations: { by: shop.name, values: { corner: [cash] } } }]",
        "event.shop.sold has no shop.name.")]
    public void Parse_WhatMeansNothing_IsRefused(string lines, string message) => Assert.That(
        () => Parse($"groups: [{{ id: event.shop.sold, type: event, name: shop.sold, stability: development, brief: Sold., {lines} }}]"),
        Throws.InstanceOf<InvalidDataException>().With.Message.EqualTo(message));

    [Test]
    public void Parse_AFieldThatTheSchemaDoesNotHave_IsRefused() =>
        Assert.That(() => Parse("groups: [{ id: a, type: attribute_group, brief: B., severity: debug }]"), Throws.Exception);

    private static TelemetryRegistry Parse(string file) => RegistryReader.Parse(Manifest, Attributes, file);

    private static IEnumerable<string> Values(string attribute) => _registry.Attributes.Single(a => a.Name == attribute).Values!;
}
