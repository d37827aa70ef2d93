using CachetBenchmarks;

// The command: build/bench.sh. What is measured in a process of its own comes back here by its first word.
return args is ["footprint", var contender] ? FootprintCommand.Run(contender) : await RowsCommand.RunAsync(args);
