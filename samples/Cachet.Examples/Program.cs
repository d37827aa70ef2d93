using Cachet.Examples;

string[] names = args is [] ? [.. Examples.All.Keys] : args;
if (names.FirstOrDefault(static n => !Examples.All.ContainsKey(n)) is { } unknown)
{
    await Console.Error.WriteLineAsync($"examples: there is no '{unknown}'. There are: {string.Join(", ", Examples.All.Keys)}.");
    return 2;
}

foreach (string name in names)
{
    Console.WriteLine($"--- {name}");
    await Examples.All[name](Console.WriteLine);
}

return 0;
