using System.Collections.Concurrent;

namespace Cachet;

/// <summary>The handlers of one cache as one: none, the guarded one, or a composite of guarded ones. Decided at Build.</summary>
internal static class EventHandlers
{
    public static ICacheEventHandler? Combine(IReadOnlyList<ICacheEventHandler> handlers) => handlers.Count switch
    {
        0 => null,
        1 => new Guarded(handlers[0]),
        _ => new Composite([.. handlers.Select(static h => new Guarded(h))]),
    };

    private sealed class Composite(Guarded[] handlers) : ICacheEventHandler
    {
        public void OnTierEvent(in CacheTierEvent tierEvent)
        {
            foreach (Guarded handler in handlers) handler.OnTierEvent(in tierEvent);
        }

        public void OnOperationComplete(in CacheOperationEvent operationEvent)
        {
            foreach (Guarded handler in handlers) handler.OnOperationComplete(in operationEvent);
        }
    }

    private sealed class Guarded(ICacheEventHandler handler) : ICacheEventHandler
    {
        public void OnTierEvent(in CacheTierEvent tierEvent)
        {
            try
            {
                handler.OnTierEvent(in tierEvent);
            }
            catch (Exception fault)
            {
                HandlerFaults.Report(handler, fault);
            }
        }

        public void OnOperationComplete(in CacheOperationEvent operationEvent)
        {
            try
            {
                handler.OnOperationComplete(in operationEvent);
            }
            catch (Exception fault)
            {
                HandlerFaults.Report(handler, fault);
            }
        }
    }

    private static class HandlerFaults
    {
        private const int MostPairs = 1_000;

        private static readonly ConcurrentDictionary<(Type Handler, Type Fault), bool> _reported = new();

        public static void Report(ICacheEventHandler handler, Exception fault)
        {
            if (_reported.Count >= MostPairs || !_reported.TryAdd((handler.GetType(), fault.GetType()), true)) return;
            CachetEventSource.Log.HandlerFault(handler.GetType().ToString(), fault.GetType().ToString());
        }
    }
}
