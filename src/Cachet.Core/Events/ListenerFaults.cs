namespace Cachet;

/// <summary>Reports what eviction listeners throw, as if they were event handlers: once per pair of types.</summary>
internal static class ListenerFaults
{
    private static readonly FaultPairs _reported = new();

    public static void Report(Delegate listener, Exception fault)
    {
        Type type = (listener.Target ?? listener).GetType();
        if (_reported.IsNew(type, fault.GetType())) CachetEventSource.Log.HandlerFault(type.ToString(), fault.GetType().ToString());
    }
}
