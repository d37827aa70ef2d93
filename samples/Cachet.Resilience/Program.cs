using Cachet.Resilience;

await using var story = new Story(Console.WriteLine);
await story.TellAsync();
