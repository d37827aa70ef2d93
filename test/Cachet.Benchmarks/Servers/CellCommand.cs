using Cachet;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace CachetBenchmarks;

/// <summary>Measures one cell, in this process, and prints what came out.</summary>
internal static class CellCommand
{
    public const string Name = "server-cell";

    private const int FillingAtOnce = 64;

    /// <param name="cell">The cell.</param>
    /// <param name="server">Where its server is.</param>
    /// <param name="receiver">Where telemetry is sent.</param>
    /// <param name="quick">Whether not to take long.</param>
    public static string[] Arguments(Cell cell, string server, int receiver, bool quick) =>
        [Name, cell.Server, $"{cell.Reads}", $"{cell.Contender}", $"{cell.Callers}", $"{cell.Telemetry}", server, $"{receiver}", $"{quick}"];

    public static async Task<int> RunAsync(string[] args)
    {
        var cell = new Cell(args[1], Enum.Parse<Reads>(args[2]), Enum.Parse<Contender>(args[3]), int.Parse(args[4], null), bool.Parse(args[5]));

        // One connection, as an application has it.
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(args[6]);
        using RedisCache store = Over(connection, $"{cell.Contender}:");
        var run = new Run(cell, connection, int.Parse(args[7], null), bool.Parse(args[8]) ? Lengths.Quick : Lengths.Full);
        CellResult result = cell.Contender switch
        {
            Contender.Bare => await run.MeasureAsync(Subject.OfBytes(store)),
            Contender.CacheAside => await run.MeasureAsync(Subject.CacheAside(store)),
            Contender.Decorated => await run.MeasureAsync(Subject.OfBytes(store.Instrumented("store"))),
            Contender.Cachet => await run.MeasureAsync(Subject.Cachet(store, cell.Reads)),
            Contender.HybridCache => await run.MeasureAsync(Subject.Hybrid(store, cell.Reads, decorated: cell.Telemetry)),
            _ => await run.MeasureAsync(Subject.Fusion(store, cell.Reads)),
        };
        Console.WriteLine(result);
        return 0;
    }

    private static RedisCache Over(IConnectionMultiplexer connection, string instance) => new(Options.Create(new RedisCacheOptions
    {
        ConnectionMultiplexerFactory = () => Task.FromResult(connection),
        InstanceName = instance,
    }));

    private sealed record Run(Cell Cell, ConnectionMultiplexer Connection, int Receiver, Lengths Lengths)
    {
        /// <summary>Fills the server, turns telemetry on, loads, turns it off, and asks the receiver what came.</summary>
        public async Task<CellResult> MeasureAsync<T>(Subject<T> subject)
            where T : class
        {
            await Parallel.ForEachAsync(
                KeyStream.All, new ParallelOptions { MaxDegreeOfParallelism = FillingAtOnce }, async (key, _) => await subject.Fill(key));
            OtlpTelemetry? telemetry = Cell.Telemetry ? await OtlpTelemetry.StartAsync(Receiver) : null;
            var load = new Load<T>(subject.Read, Cell.Callers, () => Connection.OperationCount);
            Measurement measurement = await load.RunAsync(Lengths);
            Delivery delivery = telemetry is null ? Delivery.Nothing : await telemetry.StopAsync();
            if (telemetry is not null && (delivery.SpansMade < measurement.AllOperations || delivery.SpansReceived == 0 || delivery.MetricRequests == 0))
            {
                throw new InvalidOperationException($"{measurement.AllOperations} operations, and of their telemetry there is {delivery}.");
            }

            return new(Cell, measurement, delivery);
        }
    }
}
