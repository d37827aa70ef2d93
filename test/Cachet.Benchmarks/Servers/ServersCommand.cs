using CachetTests;
using StackExchange.Redis;

namespace CachetBenchmarks;

/// <summary>Load on real servers: runs every cell in a process of its own, and writes the page.</summary>
internal static class ServersCommand
{
    public const string Name = "servers";

    private const string Help = """
        Usage: build/bench.sh servers [--quick]

        Asks Redis and Garnet on loopback as fast as they answer, through a bare store and through caches, with telemetry off and on.
        Results go to docs/performance: servers.csv, servers.md.

          --quick   half a second for each measurement: a try, whose results go to artifacts/benchmarks
        """;

    private static readonly TimeSpan _cellTakes = TimeSpan.FromMinutes(1);
    private static readonly Dictionary<string, Func<Task<RedisServer>>> _servers = new()
    {
        ["Redis"] = static async () =>
        {
            var redis = new DebianRedis();
            await redis.StartAsync();
            return redis;
        },
        ["Garnet"] = static async () => await GarnetServer.StartNewAsync(),
    };

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.FirstOrDefault(static a => a != "--quick") is { } unknown)
        {
            await Console.Error.WriteLineAsync($"bench: unknown: {unknown}\n\n{Help}");
            return 2;
        }

        bool quick = args.Length > 0;
        int port = FreePort.Next();
        await using ChildProcess receiver = await ReceiverCommand.StartAsync(port);
        List<string> versions = [];
        List<CellResult> results = [];
        foreach ((string name, Func<Task<RedisServer>> start) in _servers)
        {
            await using RedisServer server = await start();
            versions.Add($"{name} {await VersionAsync(server)}");
            foreach (Cell cell in Cell.All(name)) results.Add(await MeasureAsync(cell, server, port, quick));
        }

        ServersPage.Write(results, versions, quick);
        return 0;
    }

    private static async Task<CellResult> MeasureAsync(Cell cell, RedisServer server, int receiver, bool quick)
    {
        string[] arguments = CellCommand.Arguments(cell, server.EndPoint, receiver, quick);
        await using ChildProcess child = ChildProcess.Start("dotnet", [typeof(ServersCommand).Assembly.Location, .. arguments]);
        if (await child.ExitAsync(_cellTakes) != 0) throw new InvalidOperationException($"{child}");
        CellResult result = CellResult.Parse(child.Output[^1]);
        Console.WriteLine($"{cell}: {result.Load.PerSecond:0}/s, p50 {result.Load.P50:0} µs, {result.Load.Cpu:0.0} µs of CPU, {result.Load.Bytes:0} B");
        return result;
    }

    private static async Task<string> VersionAsync(RedisServer server)
    {
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync($"{server.EndPoint},allowAdmin=true");
        Dictionary<string, string> told = (await connection.GetServers()[0].InfoAsync("server")).SelectMany(static g => g).ToDictionary();
        return told.GetValueOrDefault("garnet_version") ?? told["redis_version"];
    }
}
