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

        Assert.That(RegistryComparison.Findings(_registry, emissions), Is.Empty);
    }

    [Test]
    public async Task Story_AnyRowIsTakenFromTheRegistry_IsFound(CancellationToken cancellationToken)
    {
        IReadOnlyList<Emission> emissions = await TellAsync(cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            foreach ((string row, TelemetryRegistry without) in Doctored.Poorer(_registry))
            {
                Assert.That(RegistryComparison.Findings(without, emissions), Is.Not.Empty, row);
            }
        }
    }

    private static async Task<IReadOnlyList<Emission>> TellAsync(CancellationToken cancellationToken)
    {
        using var recorder = new EmissionRecorder();
        await new Story(recorder, cancellationToken).TellAsync();
        return recorder.Emissions;
    }
}
