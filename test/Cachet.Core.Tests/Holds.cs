namespace CachetTests;

/// <summary>Ways to hold a fake tier's calls.</summary>
internal static class Holds
{
    /// <summary>Holds the first call of a name at the gate; later ones pass. The gate does not hear of cancellation.</summary>
    public static Func<string, CancellationToken, Task> First(string call, Gate gate) => Nth(call, 1, gate);

    public static Func<string, CancellationToken, Task> Nth(string call, int n, Gate gate)
    {
        int calls = 0;
        return (name, _) => name == call && Interlocked.Increment(ref calls) == n ? gate.PassAsync(CancellationToken.None) : Task.CompletedTask;
    }

    /// <summary>Holds every call of a name at the gate, until it is opened or the call is cancelled.</summary>
    public static Func<string, CancellationToken, Task> Every(string call, Gate gate) =>
        (name, token) => name == call ? gate.PassAsync(token) : Task.CompletedTask;

    /// <summary>Lets other work go on until a condition holds that nothing announces; the fixture's time-out ends a wait in vain.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition()) await Task.Yield();
    }

    /// <summary>The tier's failure of one kind of call.</summary>
    public static void FailOn(this FakeTier<string, string?> tier, string call, Exception error) => tier.Fail = c => c == call ? error : null;
}
