using System.Globalization;
using BenchmarkDotNet.Attributes;
using Cachet;
using Microsoft.Extensions.Caching.Hybrid;

namespace CachetBenchmarks;

/// <summary>Row 10: 1,000 callers of one key that nobody has, and one load. Figures are per caller.</summary>
/// <remarks>An iteration is few operations: it takes more of them than elsewhere until all code is optimized.</remarks>
[WarmupCount(25)]
public class StampedeBenchmarks
{
    private const int Callers = 1000;

    private readonly ValueTask<Product>[] _waiting = new ValueTask<Product>[Callers];
    private readonly CancellationTokenSource _left = new();
    private ICache<string, Product> _cachet = null!;
    private HybridCache _hybrid = null!;
    private int _loads;
    private int _stampedes;

    [GlobalSetup(Targets = [nameof(Cachet), nameof(CachetCancellable)])]
    public void MakeCachet() => _cachet = Contenders.Cachet(EvictionPolicy.Lru, Workload.TimeToLive);

    [GlobalSetup(Targets = [nameof(HybridCache), nameof(HybridCacheCancellable)])]
    public void MakeHybrid() => _hybrid = Contenders.Hybrid();

    [GlobalCleanup]
    public void Check()
    {
        if (_loads != _stampedes) throw new InvalidOperationException($"{_loads} loads in {_stampedes} stampedes.");
        _left.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Callers)]
    public Task Cachet() => StampedeCachet(CancellationToken.None);

    [Benchmark(OperationsPerInvoke = Callers)]
    public Task HybridCache() => StampedeHybrid(CancellationToken.None);

    [Benchmark(OperationsPerInvoke = Callers)]
    public Task CachetCancellable() => StampedeCachet(_left.Token);

    [Benchmark(OperationsPerInvoke = Callers)]
    public Task HybridCacheCancellable() => StampedeHybrid(_left.Token);

    private async Task StampedeCachet(CancellationToken cancellationToken)
    {
        Load load = Begin(out string key);
        for (int i = 0; i < Callers; i++) _waiting[i] = _cachet.GetOrInsertAsync(key, load, static (_, l, _) => l.Run(), cancellationToken);
        await End(load);
        await _cachet.InvalidateAsync(key, CancellationToken.None);
    }

    private async Task StampedeHybrid(CancellationToken cancellationToken)
    {
        Load load = Begin(out string key);
        for (int i = 0; i < Callers; i++)
        {
            _waiting[i] = _hybrid.GetOrCreateAsync(key, load, static (l, _) => l.Run(), cancellationToken: cancellationToken);
        }

        await End(load);
        await _hybrid.RemoveAsync(key, CancellationToken.None);
    }

    private Load Begin(out string key)
    {
        key = string.Create(CultureInfo.InvariantCulture, $"missing:{_stampedes++:D8}");
        return new(this);
    }

    private async Task End(Load load)
    {
        load.Gate.SetResult(Workload.Products[0]);
        for (int i = 0; i < Callers; i++)
        {
            if (!ReferenceEquals(await _waiting[i], Workload.Products[0])) throw new InvalidOperationException("Not what was loaded.");
        }
    }

    private sealed class Load(StampedeBenchmarks owner)
    {
        public TaskCompletionSource<Product> Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask<Product> Run()
        {
            Interlocked.Increment(ref owner._loads);
            return new(Gate.Task);
        }
    }
}
