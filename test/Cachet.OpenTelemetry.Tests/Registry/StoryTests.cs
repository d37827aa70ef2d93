namespace CachetTests.Registry;

/// <summary>A story in which everything happens that can happen to a cache: what is emitted meanwhile is what the registry says, no more and no less.</summary>
[CancelAfter(60_000)]
public sealed class StoryTests
{
    private static readonly TelemetryRegistry _registry = TelemetryRegistry.Read();

    [Test]
    public async Task Story_WhatIsEmitted_IsWhatTheRegistrySays(CancellationToken cancellationToken)
    {
        IReadOnlyList<Emission> emissions = await TellAsync(cancellationToken);

        IReadOnlyList<string> findings = RegistryComparison.Findings(_registry, emissions);
        Assert.That(findings, Is.Empty, string.Join('\n', findings)); // All of them: NUnit shows ten.
    }

    [Test]
    public async Task Story_AnyRowIsTakenFromTheRegistry_IsFound(CancellationToken cancellationToken)
    {
        IReadOnlyList<Emission> emissions = await TellAsync(cancellationToken);
        int rows = 0;

        using (Assert.EnterMultipleScope())
        {
            foreach (Signal signal in _registry.Signals)
            {
                Emission[] ofSignal = [.. emissions.Where(e => e.Kind == signal.Kind && e.Name == signal.Name)];
                Assert.That(Findings(ofSignal, signal), Is.Empty, $"{signal}");
                Assert.That(Findings(ofSignal), Is.EqualTo([$"{signal} is not in the registry"]));
                foreach ((string row, Signal without) in Doctored.Poorer(signal))
                {
                    rows++;
                    Assert.That(Findings(ofSignal, without), Is.Not.Empty, $"{signal}, {row}");
                }
            }
        }

        Assert.That(rows, Is.GreaterThan(100));
    }

    private static IReadOnlyList<string> Findings(Emission[] emissions, params Signal[] signals) =>
        RegistryComparison.Findings(new("", [], signals), emissions);

    private static async Task<IReadOnlyList<Emission>> TellAsync(CancellationToken cancellationToken)
    {
        using var recorder = new EmissionRecorder();
        await new Story(recorder, cancellationToken).TellAsync();
        return recorder.Emissions;
    }
}
