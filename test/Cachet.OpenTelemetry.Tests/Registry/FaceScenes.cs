using Cachet;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Registry;

/// <summary>Caches that are shown as distributed caches.</summary>
internal static class FaceScenes
{
    /// <summary>One in memory alone, which knows whether it has what it is to prolong the life of.</summary>
    public static async Task InMemory(EmissionRecorder recorder)
    {
        IBufferDistributedCache sessions = Cache.DistributedCache("memory-sessions", o => o.EnableLogs(recorder.Logs, static l =>
        {
            l.KeyRecording = KeyRecording.Full;
            l.Exceptions = ExceptionDetail.Full;
        }));
        await sessions.SetAsync("k", [1], new() { SlidingExpiration = TimeSpan.FromMinutes(20) });
        await sessions.RefreshAsync("k");
        await sessions.RefreshAsync("nobody");
        await Assert.CatchAsync<OperationCanceledException>(() => sessions.RefreshAsync("k", new(canceled: true)));
    }
}
