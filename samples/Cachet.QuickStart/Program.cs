using System.Text;
using Cachet.QuickStart;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
if (!Settings.TryParse(args, out Settings settings, out string problem))
{
    await Console.Error.WriteLineAsync($"quickstart: {problem} Try --help.");
    return 2;
}

if (settings.Help)
{
    Console.Write(Settings.HelpText);
    return 0;
}

try
{
    await Presentation.RunAsync(settings, Console.Out);
    return 0;
}
catch (Exception trouble)
{
    // Whoever runs a sample wants to know what to mend, not where it was thrown.
    await Console.Error.WriteLineAsync($"quickstart: {trouble.Message.ReplaceLineEndings(" ")}");
    return 1;
}
