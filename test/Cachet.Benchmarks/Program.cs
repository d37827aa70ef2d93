using CachetBenchmarks;

// The command: build/bench.sh. What is measured in a process of its own comes back here by its first word.
return args switch
{
    ["footprint", var contender] => FootprintCommand.Run(contender),
    ["hit-ratio"] => HitRatioCommand.Run(),
    _ => await RowsCommand.RunAsync(args),
};
