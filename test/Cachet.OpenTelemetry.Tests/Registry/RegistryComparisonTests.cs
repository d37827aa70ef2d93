namespace CachetTests.Registry;

/// <summary>The comparison finds every difference, whichever side it is on.</summary>
public sealed class RegistryComparisonTests
{
    private static readonly AttributeDefinition _name = new("shop.name", "string", false, "Its name.", ["corner"], []);
    private static readonly AttributeDefinition _size = new("shop.size", "int", false, "How large.", [], []);
    private static readonly AttributeDefinition _error = new("error.type", "string", true, "What failed.", [], []);

    private static readonly AttributeDefinition _sale =
        new("shop.sale", "enum", false, "How.", [], [new("cash", "Paid."), new("tick", "Owed."), new("stolen", "Gone.")]);

    private static readonly AttributeUse[] _uses =
    [
        new(_name, Requirement.Required, null, true, null, None),
        new(_sale, Requirement.Required, null, false, new("shop.name", Dictionary(("corner", ["cash", "tick"]), ("market", ["cash", "stolen"]))), None),
        new(_size, Requirement.OptIn, null, false, null, None),
        new(_error, Requirement.Conditional, "it failed", false, null, Dictionary(("shop.sale", ["stolen"]))),
    ];

    private static readonly Signal _sell = new(
        SignalKind.Span, "shop.sell", "It sells.", Dictionary(("scope", ["Shop"]), ("display_name", ["sell {shop.name}"]), ("parent", ["any"])), _uses);

    private static readonly TelemetryRegistry _registry = new("", [_name, _sale, _size, _error], [_sell]);

    private static readonly Emission[] _emissions =
    [
        Span("corner", "cash", new EmittedAttribute("shop.size", 3L)),
        Span("corner", "tick"),
        Span("market", "cash"),
        Span("market", "stolen", new EmittedAttribute("error.type", "Thief")),
    ];

    private static Dictionary<string, IReadOnlyList<string>> None => [];

    [Test]
    public void Findings_AllIsAsTheRegistrySays_AreNone() => Assert.That(Findings(_emissions), Is.Empty);

    [Test]
    public void Findings_NothingWasEmitted_AreAllSignalsAndAttributes() => Assert.That(Findings(), Is.EqualTo(
    [
        "attribute error.type was never emitted",
        "attribute shop.name was never emitted",
        "attribute shop.sale was never emitted",
        "attribute shop.size was never emitted",
        "span shop.sell was never emitted",
    ]));

    [Test]
    public void Findings_ASignalThatIsNotInTheRegistry_IsNamed()
    {
        Emission other = _emissions[0] with { Name = "shop.buy" }, declared = new(SignalKind.Metric, "shop.sell", [], null);

        Assert.That(Findings([.. _emissions, other, declared]), Is.EqualTo(
            ["metric shop.sell is not in the registry", "span shop.buy is not in the registry"]));
    }

    [Test]
    public void Findings_ARowThatWasTakenFromTheRegistry_IsWhatWasEmitted()
    {
        TelemetryRegistry registry = _registry with { Signals = [_sell with { Attributes = [_uses[0], _uses[1], _uses[3]] }] };

        Assert.That(RegistryComparison.Findings(registry, _emissions), Is.EqualTo(
            ["attribute shop.size was never emitted", "span shop.sell: attribute shop.size is not in the registry"]));
    }

    [Test]
    public void Findings_RowsThatWereAddedToTheRegistry_WereNeverEmitted()
    {
        AttributeDefinition colour = new("shop.colour", "boolean", false, "Whether it has one.", [], []);
        AttributeUse[] uses = [.. _uses, new(colour, Requirement.OptIn, null, false, ValueSets.Of(colour.Values!), None)];
        Dictionary<string, IReadOnlyList<string>> facts = new(_sell.Facts) { ["scope"] = ["Shop", "Stall"] };
        Signal sell = _sell with { Attributes = uses, Facts = facts };
        var registry = new TelemetryRegistry("", [.. _registry.Attributes, colour], [sell, new(SignalKind.Event, "shop.burnt", "It burnt.", None, [])]);

        Assert.That(RegistryComparison.Findings(registry, _emissions), Is.EqualTo(
        [
            "attribute shop.colour was never emitted",
            "event shop.burnt was never emitted",
            "span shop.sell, attribute shop.colour 'false' was never emitted",
            "span shop.sell, attribute shop.colour 'true' was never emitted",
            "span shop.sell, attribute shop.colour was never emitted",
            "span shop.sell, scope 'Stall' was never emitted",
        ]));
    }

    [Test]
    public void Findings_AValueThatNobodyHad_WasNeverEmitted() => Assert.That(Findings(_emissions[0], _emissions[2], _emissions[3]), Is.EqualTo(
        ["attribute shop.sale 'tick' was never emitted", "span shop.sell, attribute shop.sale 'tick' where shop.name is 'corner' was never emitted"]));

    [Test]
    public void Findings_AValueThatIsNotAmongThose_IsNamed() => Assert.That(
        Findings([.. _emissions, Span("corner", "card"), Span("market", "tick"), Span("mall", "cash")]), Is.EqualTo(
        [
            "span shop.sell: attribute shop.sale is 'card' where shop.name is 'corner', which is not in the registry",
            "span shop.sell: attribute shop.sale is 'cash' where shop.name is 'mall', which is not in the registry",
            "span shop.sell: attribute shop.sale is 'tick' where shop.name is 'market', which is not in the registry",
        ]));

    [Test]
    public void Findings_AttributesOtherwiseThanTheRegistrySays_AreNamed()
    {
        EmittedAttribute name = new("shop.name", "corner", AtStart: true), sale = new("shop.sale", "cash");
        Emission[] wrong =
        [
            With(sale),
            With(name, sale, new("shop.size", "large")),
            With(name, sale, new("shop.size", 3.0)),
            With(name, sale, new("shop.size", null)),
            With(name, sale, new("shop.size", 3), new("shop.size", 4)),
            With(name with { AtStart = false }, sale with { AtStart = true }),
            With(name, sale, new("error.type", "Thief")),
            With(new("shop.name", "market", AtStart: true), new("shop.sale", "stolen")),
        ];

        Assert.That(Findings([.. _emissions, .. wrong]), Is.EqualTo(
        [
            "span shop.sell: attribute error.type is missing where shop.sale is 'stolen'",
            "span shop.sell: attribute error.type is there where shop.sale is 'cash'",
            "span shop.sell: attribute shop.name is not given at the start",
            "span shop.sell: attribute shop.name is required and missing",
            "span shop.sell: attribute shop.sale is 'cash' where shop.name is 'nothing', which is not in the registry",
            "span shop.sell: attribute shop.sale is given at the start",
            "span shop.sell: attribute shop.size is of type double; the registry says int",
            "span shop.sell: attribute shop.size is of type null; the registry says int",
            "span shop.sell: attribute shop.size is of type string; the registry says int",
            "span shop.sell: attribute shop.size is there twice",
        ]));
    }

    [Test]
    public void Findings_FactsOtherwiseThanTheRegistrySays_AreNamed()
    {
        Emission wrong = _emissions[0] with
        {
            Facts = [new("scope", "Stall"), new("display_name", "sell market"), new("parent", "whatever"), new("span event", "fire")],
        };

        Assert.That(Findings([.. _emissions, wrong]), Is.EqualTo(
        [
            "span shop.sell: display_name is 'sell market'; the registry says 'sell {shop.name}'",
            "span shop.sell: scope is 'Stall'; the registry says 'Shop'",
            "span shop.sell: span event is 'fire'; the registry says nothing",
        ]));
    }

    [Test]
    public void Findings_AnInstrumentThatMeasuredNothing_IsComparedAndWasNotEmitted()
    {
        Signal stock = new(SignalKind.Metric, "shop.stock", "How much.", Dictionary(("unit", ["{piece}"])), [_uses[0]]);
        TelemetryRegistry registry = _registry with { Signals = [_sell, stock] };
        Emission declared = new(SignalKind.Metric, "shop.stock", [new("unit", "{box}")], null);

        Assert.That(RegistryComparison.Findings(registry, [.. _emissions, declared]), Is.EqualTo(
            ["metric shop.stock was never emitted", "metric shop.stock: unit is '{box}'; the registry says '{piece}'"]));
    }

    private static IReadOnlyList<string> Findings(params Emission[] emissions) => RegistryComparison.Findings(_registry, emissions);

    private static Emission Span(string name, string sale, params EmittedAttribute[] more) =>
        With([new("shop.name", name, AtStart: true), new("shop.sale", sale), .. more]);

    private static Emission With(params EmittedAttribute[] attributes)
    {
        var emission = new Emission(SignalKind.Span, "shop.sell", [], attributes);
        return emission with { Facts = [new("scope", "Shop"), new("display_name", emission.Fill("sell {shop.name}")), new("parent", "none")] };
    }

    private static Dictionary<string, IReadOnlyList<string>> Dictionary(params (string Key, string[] Values)[] entries) =>
        entries.ToDictionary(static e => e.Key, static e => (IReadOnlyList<string>)e.Values);
}
