using CsCheck;

namespace CachetTests.Model;

/// <summary>Random caches under random sequences of operations, times and failures do what a plain statement of the guarantees says: to the caller, to
/// the events, and to what each tier holds.</summary>
/// <remarks>A failure prints the shortest sequence that was found and a seed, with which <c>CsCheck_Seed</c> runs it again; <c>CsCheck_Iter</c> or
/// <c>CsCheck_Time</c> (seconds) make the search longer.</remarks>
public class CacheModelTests
{
    [Test]
    public Task Operations_InAnySequence_DoWhatTheModelSays() => Gens.Case.SampleAsync(CheckAsync, iter: 4_000, print: Gens.Print);

    private static async Task CheckAsync((CacheSetup Setup, Step[] Steps) sample)
    {
        await using var cache = new CacheUnderTest(sample.Setup);
        for (int i = 0; i < sample.Steps.Length; i++)
        {
            if (await cache.RunAsync(sample.Steps[i]) is { } difference)
            {
                throw new InvalidOperationException($"After step {i + 1}, {sample.Steps[i]}: {difference}");
            }
        }
    }
}
