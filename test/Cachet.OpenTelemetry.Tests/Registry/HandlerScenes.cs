using Cachet;

namespace CachetTests.Registry;

/// <summary>Handlers of an application's own.</summary>
internal static class HandlerScenes
{
    public static async Task Throwing(Scene scene) => await scene.Products.GetAsync("k", scene.Token);
}

internal sealed class ThrowingHandler : ICacheEventHandler
{
    public void OnTierEvent(in CacheTierEvent tierEvent) => throw new NotSupportedException();

    public void OnOperationComplete(in CacheOperationEvent operationEvent) => throw new NotSupportedException();
}
