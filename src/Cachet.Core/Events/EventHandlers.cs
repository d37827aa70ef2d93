namespace Cachet;

/// <summary>The handlers of one cache as one: none, the guarded one, or a composite of guarded ones. Decided at Build.</summary>
internal static class EventHandlers
{
    private static readonly FaultPairs _reported = new();

    public static ICacheEventHandler? Combine(IReadOnlyList<ICacheEventHandler> handlers, CacheLog? log) => handlers.Count switch
    {
        0 => null,
        1 => new Guarded(handlers[0], log),
        _ => new Composite([.. handlers.Select(h => new Guarded(h, log))]),
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

    private sealed class Guarded(ICacheEventHandler handler, CacheLog? log) : ICacheEventHandler
    {
        public void OnTierEvent(in CacheTierEvent tierEvent)
        {
            try
            {
                handler.OnTierEvent(in tierEvent);
            }
            catch (Exception fault)
            {
                Report(fault, tierEvent.RequestId);
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
                Report(fault, operationEvent.RequestId);
            }
        }

        private void Report(Exception fault, long requestId)
        {
            Type type = handler.GetType();
            if (_reported.IsNew(type, fault.GetType())) CachetEventSource.Log.HandlerFault(type.ToString(), fault.GetType().ToString());
            log?.OnHandlerFault(type, fault, requestId);
        }
    }
}
