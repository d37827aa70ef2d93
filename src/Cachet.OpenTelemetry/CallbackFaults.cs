using System.Collections.Concurrent;

namespace Cachet;

/// <summary>Reports what callbacks of the application throw, and listeners to what is emitted: once per callback and type of exception.</summary>
internal static class CallbackFaults
{
    private const int Most = 1_000;

    private static readonly ConcurrentDictionary<(string Callback, Type Fault), bool> _reported = new();

    public static void Report(string callback, Exception fault)
    {
        (string, Type) pair = (callback, fault.GetType());
        if (_reported.ContainsKey(pair) || _reported.Count >= Most || !_reported.TryAdd(pair, true)) return;
        CachetTraceEventSource.Log.CallbackFault(callback, fault.GetType().ToString());
    }
}
