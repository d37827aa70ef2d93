using System.Diagnostics;
using Cachet;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>A hit in memory allocates nothing, unless there is a span to be made of it.</summary>
public sealed class AllocationTests
{
    [Test]
    public void Hit_NothingAttached_AllocatesNothing() => Assert.That(Allocations.OfHits(Allocations.Warm()), Is.EqualTo(Allocations.None));

    [Test]
    public void Hit_MetricsOnly_AllocatesNothing()
    {
        List<Metric> exported = [];
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().AddCachetInstrumentation().AddInMemoryExporter(exported).Build();
        Assert.That(Allocations.OfHits(Allocations.Warm()), Is.EqualTo(Allocations.None));
        provider.ForceFlush();
        Assert.That(
            exported.Select(static m => m.Name),
            Is.EquivalentTo(["cache.operation.duration", "cache.tier.duration", "cache.entries", "cache.load.active"]));
    }

    [Test]
    public void Hit_TracesOnlyAndTheParentIsNotSampled_AllocatesNothing()
    {
        List<Activity> exported = [];
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation().AddInMemoryExporter(exported).Build();
        ICache<string, string> cache = Allocations.Warm();
        exported.Clear();
        using Activity parent = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        Assert.That(Allocations.OfHits(cache), Is.EqualTo(Allocations.None));
        Assert.That(Activity.Current, Is.SameAs(parent));
        Assert.That(exported, Is.Empty);
    }

    [Test]
    public void Hit_BothAndTheParentIsNotSampled_AllocatesNothing()
    {
        using TracerProvider traces = Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation().Build();
        using MeterProvider metrics = Sdk.CreateMeterProviderBuilder().AddCachetInstrumentation().AddInMemoryExporter(new List<Metric>()).Build();
        ICache<string, string> cache = Allocations.Warm();
        using Activity parent = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        Assert.That(Allocations.OfHits(cache), Is.EqualTo(Allocations.None));
    }

    [Test]
    public void Hit_AfterTheLastProviderIsGone_AllocatesNothing()
    {
        ICache<string, string> cache = Allocations.Warm();
        TracerProvider traces = Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation().Build();
        MeterProvider metrics = Sdk.CreateMeterProviderBuilder().AddCachetInstrumentation().Build();
        Assert.That(Allocations.OfHits(cache), Is.Not.EqualTo(Allocations.None));
        traces.Dispose();
        metrics.Dispose();
        Assert.That(Allocations.OfHits(cache), Is.EqualTo(Allocations.None));
    }
}
