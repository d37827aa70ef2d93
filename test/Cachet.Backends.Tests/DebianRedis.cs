namespace CachetTests;

/// <summary>Redis itself, with nothing on disk.</summary>
internal sealed class DebianRedis() : RedisServer(FreePort.Next())
{
    protected override ChildProcess Launch() => ChildProcess.Start(
        "redis-server",
        ["--bind", "127.0.0.1", "--port", $"{Port}", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath(), "--daemonize", "no"]);
}
