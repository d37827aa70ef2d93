namespace CachetTests.Consumers;

/// <summary>Whether a thread is reading a session synchronously right now.</summary>
internal static class SessionRead
{
    [ThreadStatic]
    private static bool _isOnThisThread;

    public static bool IsOnThisThread => _isOnThisThread;

    public static IDisposable Begin()
    {
        _isOnThisThread = true;
        return new Reading();
    }

    private sealed class Reading : IDisposable
    {
        public void Dispose() => _isOnThisThread = false;
    }
}
