using Cachet.Examples;

namespace CachetTests;

/// <summary>What the samples print, as programs of their own, is what their READMEs show.</summary>
public class ProgramTests
{
    [Test]
    public async Task Accumulator_Run_PrintsWhatItsReadmeShows()
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> error) = await SampleProgram.RunAsync("Cachet.Accumulator");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                output.Select(SampleProgram.WithoutTimes), Is.EqualTo(SampleProgram.ReadmeBlock("Cachet.Accumulator").Select(SampleProgram.WithoutTimes)));
            Assert.That(error, Is.Empty);
            Assert.That(code, Is.Zero);
        }
    }

    [Test]
    public async Task Resilience_Run_PrintsWhatItsReadmeShows()
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> error) = await SampleProgram.RunAsync("Cachet.Resilience");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Is.EqualTo(SampleProgram.ReadmeBlock("Cachet.Resilience")));
            Assert.That(error, Is.Empty);
            Assert.That(code, Is.Zero);
        }
    }

    [Test]
    public async Task Examples_RunWithoutArguments_RunAllInOrder()
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> error) = await SampleProgram.RunAsync("Cachet.Examples");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(output.Where(static l => l.StartsWith("---", StringComparison.Ordinal)), Is.EqualTo(Examples.All.Keys.Select(static n => $"--- {n}")));
            Assert.That(error, Is.Empty);
            Assert.That(code, Is.Zero);
        }
    }

    [Test]
    public async Task Examples_RunWithNames_RunThose()
    {
        (int code, IReadOnlyList<string> output, _) = await SampleProgram.RunAsync("Cachet.Examples", "custom-tier", "multi-tier");

        Assert.That(output.Where(static l => l.StartsWith("---", StringComparison.Ordinal)), Is.EqualTo(new[] { "--- custom-tier", "--- multi-tier" }));
        Assert.That(code, Is.Zero);
    }

    [Test]
    public async Task Examples_RunWithUnknownName_SayWhichThereAre()
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> error) = await SampleProgram.RunAsync("Cachet.Examples", "simple", "simpler");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Is.Empty);
            Assert.That(error, Is.EqualTo(new[] { $"examples: there is no 'simpler'. There are: {string.Join(", ", Examples.All.Keys)}." }));
            Assert.That(code, Is.EqualTo(2));
        }
    }
}
