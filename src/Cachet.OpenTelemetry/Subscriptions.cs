namespace Cachet;

/// <summary>The providers that asked for Cachet's instrumentation: attached while there is one, each with the options it came with.</summary>
internal static class Subscriptions
{
    private static readonly Lock _gate = new();
    private static readonly List<CachetTraceOptions> _options = [];
    private static volatile TraceRules _rules = TraceRules.Default;
    private static volatile int _count;

    /// <summary>What the tracer providers want, all of them together.</summary>
    public static TraceRules Rules => _rules;

    /// <summary>Whether there is a provider at all.</summary>
    public static bool Any => _count > 0;

    /// <summary>Adds a provider.</summary>
    /// <param name="options">What it wants of spans; <see langword="null"/> for one of metrics.</param>
    /// <returns>Dispose it with the provider.</returns>
    public static IDisposable Add(CachetTraceOptions? options)
    {
        Change(options, +1);
        return new Subscription(options, CacheInstrumentation.Attach(CachetInstrumentation.Instance));
    }

    private static void Change(CachetTraceOptions? options, int change)
    {
        lock (_gate)
        {
            _count += change;
            if (options is null) return;
            if (change > 0) _options.Add(options);
            else _options.Remove(options);

            // Asked for twice by one provider, the same options count once.
            _rules = _options.Count == 0 ? TraceRules.Default : new([.. _options.Distinct()]);
        }
    }

    private sealed class Subscription(CachetTraceOptions? options, IDisposable attachment) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
            attachment.Dispose();
            Change(options, -1);
        }
    }
}
