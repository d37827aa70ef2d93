using Cachet;
using CachetTests.Otlp;
using OpenTelemetry.Exporter;

namespace CachetTests;

/// <summary>Traces and logs as a collector is sent them by the real exporters, over both protocols of OTLP.</summary>
[TestFixture(OtlpExportProtocol.Grpc, OtlpExportCompression.None)]
[TestFixture(OtlpExportProtocol.Grpc, OtlpExportCompression.GZip)]
[TestFixture(OtlpExportProtocol.HttpProtobuf, OtlpExportCompression.None)]
[TestFixture(OtlpExportProtocol.HttpProtobuf, OtlpExportCompression.GZip)]
public sealed class OtlpTests(OtlpExportProtocol protocol, OtlpExportCompression compression) : OtlpFixture(protocol, compression)
{
    [Test]
    public void Traces_ArriveAsTheyHappened() => Assert.That(TraceText.Of(Spans), Is.EqualTo("""
        first
          cache.get_or_insert products: loaded
            cache.tier get l1: miss; fallback=False
            cache.tier get l2: miss; fallback=True
            cache.load products
            cache.tier insert l1: inserted; fallback=False
            cache.tier insert l2: inserted; fallback=True, entry.size=80
        again
          cache.get products: hit; tier.name=l1
            cache.tier get l1: hit; fallback=False
        later
          cache.get products: hit; tier.name=l2
            cache.tier get l1: expired; fallback=False
            cache.tier get l2: hit; fallback=True, entry.size=80
            cache.tier insert l1: inserted; fallback=False
        leader
          cache.get_or_insert products: loaded
            cache.tier get l1: miss; fallback=False
            cache.tier get l2: miss; fallback=True
            cache.load products
            cache.tier insert l1: inserted; fallback=False
            cache.tier insert l2: inserted; fallback=True, entry.size=80
        follower
          cache.get_or_insert products: loaded; coalesced=True, link to cache.load products
            cache.tier get l1: miss; fallback=False
        failing
          cache.get_or_insert products: error; error.type=System.TimeoutException, status=Error
            cache.tier get l1: miss; fallback=False
            cache.tier get l2: miss; fallback=True
            cache.load products; error.type=System.TimeoutException, status=Error
        trigger
          cache.get_or_insert products: hit; tier.name=l1
            cache.tier get l1: hit; fallback=False
        cache.refresh products: refreshed; link to cache.get_or_insert products
          cache.tier get l2: hit; fallback=True, entry.size=80
          cache.load products
          cache.tier insert l1: inserted; fallback=False
          cache.tier insert l2: inserted; fallback=True, entry.size=80
        """));

    [Test]
    public void Links_LeadToTheLeadersLoadAndToTheTrigger()
    {
        Span follower = Child(Named("follower"), "cache.get_or_insert products");
        Span load = Child(Child(Named("leader"), "cache.get_or_insert products"), "cache.load products");
        Span refresh = Named("cache.refresh products");
        Span trigger = Child(Named("trigger"), "cache.get_or_insert products");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(follower.Links.Select(static l => (l.TraceId, l.SpanId)), Is.EqualTo(new[] { (load.TraceId, load.SpanId) }));
            Assert.That(refresh.Links.Select(static l => (l.TraceId, l.SpanId)), Is.EqualTo(new[] { (trigger.TraceId, trigger.SpanId) }));
            Assert.That(refresh.ParentSpanId, Is.Empty);
            Assert.That(refresh.TraceId, Is.Not.EqualTo(trigger.TraceId));
        }
    }

    [Test]
    public void Spans_AreSampledInternalOnesThatLieInsideTheirParentsAndHaveNoEvents()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Spans.Select(static s => s.Kind), Is.All.EqualTo(Span.Types.SpanKind.Internal));
            Assert.That(Spans.Select(static s => s.Flags & 1), Is.All.EqualTo(1));
            Assert.That(Spans.SelectMany(static s => s.Events), Is.Empty);
            Assert.That(Spans.Select(static s => s.Status?.Message ?? ""), Is.All.Empty);
            Assert.That(Spans.Where(static s => s.EndTimeUnixNano <= s.StartTimeUnixNano), Is.Empty);
            Assert.That(Spans.Where(s => Find(s.TraceId, s.ParentSpanId) is { } parent && !IsWithin(s, parent)), Is.Empty);
        }
    }

    [Test]
    public void Spans_AreOfTheScopesOfTheContract_EachWithVersionAndSchema()
    {
        IEnumerable<string> scopes = Received.Spans
            .Where(static s => s.Origin.Scope.Name != Telemetry.Tests.Name)
            .Select(static s => $"{s.Data.Name.Split(' ') switch
            {
                ["cache.tier", .., var tier] => tier,
                _ => "no tier",
            }}: {s.Origin}")
            .Distinct()
            .Order(StringComparer.Ordinal);

        Assert.That(scopes, Is.EqualTo(new[]
        {
            $"l1: Cachet.Tiers.Local {VersionAndSchema}",
            $"l2: Cachet.Tiers.Remote {VersionAndSchema}",
            $"no tier: Cachet {VersionAndSchema}",
        }));
    }

    [Test]
    public void Resource_OfAllSignals_IsTheApplications()
    {
        Origin[] origins =
        [
            .. Received.Spans.Select(static s => s.Origin),
            .. Received.Metrics.Select(static m => m.Origin),
            .. Received.Logs.Select(static l => l.Origin),
        ];

        Assert.That(origins.Select(static o => o.Resource.Attributes.ByName()["service.name"]), Is.All.EqualTo("shop"));
    }

    [Test]
    public void Logs_ArriveInsideTheSpanOfWhatTheyTell() => Assert.That(LogText.Of(Received), Is.EqualTo("""
        Debug cache.miss in cache.tier get l1: tier.name=l1, operation=get, outcome=miss, fallback=False
        Debug cache.miss in cache.tier get l2: tier.name=l2, operation=get, outcome=miss, fallback=True
        Information cache.inserted in cache.tier insert l1: tier.name=l1, operation=insert, outcome=inserted, fallback=False
        Information cache.inserted in cache.tier insert l2: tier.name=l2, operation=insert, outcome=inserted, fallback=True, entry.size=80
        Debug cache.get_or_insert in cache.get_or_insert products: operation=get_or_insert, outcome=loaded
        Debug cache.hit in cache.tier get l1: tier.name=l1, operation=get, outcome=hit, fallback=False
        Debug cache.get in cache.get products: tier.name=l1, operation=get, outcome=hit
        Information cache.eviction in cache.tier get l1: tier.name=l1, operation=evict, outcome=evicted, fallback=False, eviction.reason=expired
        Information cache.expired in cache.tier get l1: tier.name=l1, operation=get, outcome=expired, fallback=False
        Debug cache.hit in cache.tier get l2: tier.name=l2, operation=get, outcome=hit, fallback=True, entry.size=80
        Information cache.inserted in cache.tier insert l1: tier.name=l1, operation=insert, outcome=inserted, fallback=False
        Debug cache.get in cache.get products: tier.name=l2, operation=get, outcome=hit
        Debug cache.miss in cache.tier get l1: tier.name=l1, operation=get, outcome=miss, fallback=False
        Debug cache.miss in cache.tier get l2: tier.name=l2, operation=get, outcome=miss, fallback=True
        Information cache.inserted in cache.tier insert l1: tier.name=l1, operation=insert, outcome=inserted, fallback=False
        Information cache.inserted in cache.tier insert l2: tier.name=l2, operation=insert, outcome=inserted, fallback=True, entry.size=80
        Debug cache.get_or_insert in cache.get_or_insert products: operation=get_or_insert, outcome=loaded
        Debug cache.miss in cache.tier get l1: tier.name=l1, operation=get, outcome=miss, fallback=False
        Debug cache.get_or_insert in cache.get_or_insert products: operation=get_or_insert, outcome=loaded, coalesced=True
        Debug cache.miss in cache.tier get l1: tier.name=l1, operation=get, outcome=miss, fallback=False
        Debug cache.miss in cache.tier get l2: tier.name=l2, operation=get, outcome=miss, fallback=True
        Error cache.load_error in cache.load products: operation=get_or_insert, outcome=error, error.type=System.TimeoutException
        Debug cache.get_or_insert in cache.get_or_insert products: operation=get_or_insert, outcome=error, error.type=System.TimeoutException
        Debug cache.hit in cache.tier get l1: tier.name=l1, operation=get, outcome=hit, fallback=False
        Debug cache.get_or_insert in cache.get_or_insert products: tier.name=l1, operation=get_or_insert, outcome=hit
        Debug cache.hit in cache.tier get l2: tier.name=l2, operation=get, outcome=hit, fallback=True, entry.size=80
        Information cache.inserted in cache.tier insert l1: tier.name=l1, operation=insert, outcome=inserted, fallback=False
        Information cache.inserted in cache.tier insert l2: tier.name=l2, operation=insert, outcome=inserted, fallback=True, entry.size=80
        Debug cache.refresh_hit in cache.refresh products: operation=refresh, outcome=refreshed
        """));

    [Test]
    public void Log_OfAHit_HasDottedAttributesTypedValuesAndATextThatReads()
    {
        LogRecord record = Received.Logs.Select(static l => l.Data).First(static r => r.EventName == TelemetryNames.HitEvent);
        Dictionary<string, object?> attributes = new(record.Attributes.ByName());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(record.SeverityNumber, Is.EqualTo(5), "DEBUG");
            Assert.That(record.Body.StringValue, Does.Match(@"^cache\.hit products/l1 get in \d+(\.\d)? (ns|us|ms|s)$"));
            Assert.That(attributes.Remove("cache.duration_ns", out object? duration) ? duration : null, Is.InstanceOf<long>().And.Positive);
            Assert.That(attributes.Remove("cache.request_id", out object? request) ? request : null, Is.InstanceOf<long>().And.Positive);
            Assert.That(attributes, Is.EqualTo(new Dictionary<string, object?>
            {
                ["cache.name"] = "products",
                ["cache.tier.name"] = "l1",
                ["cache.operation"] = "get",
                ["cache.outcome"] = "hit",
                ["cache.fallback"] = false,
            }));
        }
    }

    private static bool IsWithin(Span span, Span parent) =>
        span.StartTimeUnixNano >= parent.StartTimeUnixNano && span.EndTimeUnixNano <= parent.EndTimeUnixNano;

    private Span Named(string name) => Spans.Single(s => s.Name == name);

    private Span Child(Span parent, string name) =>
        Spans.Single(s => s.Name == name && s.ParentSpanId == parent.SpanId && s.TraceId == parent.TraceId);
}
