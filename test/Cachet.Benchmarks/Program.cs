using CachetBenchmarks;

// The command: build/bench.sh. What is measured in a process of its own comes back here by its first word.
return args switch
{
    ["footprint", var contender] => FootprintCommand.Run(contender),
    [CellCommand.Name, ..] => await CellCommand.RunAsync(args),
    [ReceiverCommand.Name, var port] => await ReceiverCommand.RunAsync(int.Parse(port, null)),
    _ when args.Contains(ServersCommand.Name) => await ServersCommand.RunAsync([.. args.Where(static a => a != ServersCommand.Name)]),
    ["hit-ratio"] => HitRatioCommand.Run(),
    _ => await RowsCommand.RunAsync(args),
};
