using System.Text;
using Cachet.Accumulator;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

// Once for nobody to read; else the first lines would show how long the just-in-time compiler takes.
await using (var rehearsal = new Story(static _ => { })) await rehearsal.TellAsync();
await using var story = new Story(Console.WriteLine);
await story.TellAsync();
