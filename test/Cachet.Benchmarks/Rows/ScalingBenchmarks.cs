using BenchmarkDotNet.Attributes;
using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using Cachet;
using ZiggyCreatures.Caching.Fusion;

namespace CachetBenchmarks;

/// <summary>Row 14: hits in memory by one thread, and by two at the same time. Figures are per hit of one thread: equal where two threads do not
/// disturb each other.</summary>
public class ScalingBenchmarks
{
    private const int PerThread = 200_000;

    private readonly Barrier _start = new(2);
    private readonly Barrier _end = new(2);
    private Action<int> _hits = null!;
    private bool _stopped;
    private Thread? _second;

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup(Target = nameof(CachetLru))]
    public void MakeCachetLru() => Hit(Contenders.Cachet(EvictionPolicy.Lru, Workload.TimeToLive));

    [GlobalSetup(Target = nameof(BitFasterLru))]
    public void MakeBitFasterLru()
    {
        ConcurrentTLru<string, Product> cache = Contenders.BitFasterLruExpiring();
        Start(offset =>
        {
            for (int i = 0; i < PerThread; i++) cache.TryGet(Workload.Keys[(i + offset) & Workload.Mask], out _);
        });
    }

    [GlobalSetup(Target = nameof(CachetLfu))]
    public void MakeCachetLfu() => Hit(Contenders.Cachet(EvictionPolicy.TinyLfu));

    [GlobalSetup(Target = nameof(BitFasterLfu))]
    public void MakeBitFasterLfu()
    {
        ConcurrentLfu<string, Product> cache = Contenders.BitFasterLfu();
        Start(offset =>
        {
            for (int i = 0; i < PerThread; i++) cache.TryGet(Workload.Keys[(i + offset) & Workload.Mask], out _);
        });
    }

    [GlobalSetup(Target = nameof(CachetMeasured))]
    public void MakeCachetMeasured()
    {
        Telemetry.MeasureCachet();
        Hit(Contenders.Cachet(EvictionPolicy.Lru, Workload.TimeToLive));
    }

    [GlobalSetup(Target = nameof(FloorMeasured))]
    public void MakeFloorMeasured()
    {
        var floor = new FloorBenchmarks();
        floor.MakeMeasured();
        Start(offset =>
        {
            for (int i = 0; i < PerThread; i++) _ = floor.Get(i + offset, spans: false, metrics: true);
        });
    }

    [GlobalSetup(Target = nameof(FusionMeasured))]
    public void MakeFusionMeasured()
    {
        Telemetry.MeasureFusion();
        FusionCache cache = Contenders.Fusion();
        Start(offset =>
        {
            for (int i = 0; i < PerThread; i++) _ = cache.TryGetAsync<Product>(Workload.Keys[(i + offset) & Workload.Mask]).Result;
        });
    }

    [GlobalCleanup]
    public void Stop()
    {
        Volatile.Write(ref _stopped, true);
        if (_second is null) return;
        _start.SignalAndWait();
        _second.Join();
    }

    [Benchmark(OperationsPerInvoke = PerThread)]
    public void CachetLru() => Run();

    [Benchmark(OperationsPerInvoke = PerThread)]
    public void BitFasterLru() => Run();

    [Benchmark(OperationsPerInvoke = PerThread)]
    public void CachetLfu() => Run();

    [Benchmark(OperationsPerInvoke = PerThread)]
    public void BitFasterLfu() => Run();

    [Benchmark(OperationsPerInvoke = PerThread)]
    public void CachetMeasured() => Run();

    [Benchmark(OperationsPerInvoke = PerThread)]
    public void FloorMeasured() => Run();

    [Benchmark(OperationsPerInvoke = PerThread)]
    public void FusionMeasured() => Run();

    private void Hit(ICache<string, Product> cache) => Start(offset =>
    {
        for (int i = 0; i < PerThread; i++) _ = cache.GetAsync(Workload.Keys[(i + offset) & Workload.Mask]).Result;
    });

    private void Start(Action<int> hits)
    {
        _hits = hits;
        if (Threads == 1) return;
        _second = new(() =>
        {
            while (true)
            {
                _start.SignalAndWait();
                if (Volatile.Read(ref _stopped)) return;
                _hits(Workload.Count / 2);
                _end.SignalAndWait();
            }
        })
        { IsBackground = true };
        _second.Start();
    }

    private void Run()
    {
        if (_second is null)
        {
            _hits(0);
            return;
        }

        _start.SignalAndWait();
        _hits(0);
        _end.SignalAndWait();
    }
}
