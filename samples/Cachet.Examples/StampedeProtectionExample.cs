using Cachet.Testing;

namespace Cachet.Examples;

/// <summary>Concurrent callers of a key share one load: what it gives, what it throws, and its end when all of them have left.</summary>
internal static class StampedeProtectionExample
{
    public static async Task RunAsync(Action<string> print)
    {
        await using ICache<string, int> numbers = Cache.Builder<string, int>("numbers").Memory().Build();
        int loads = 0;
        var gate = new Gate();
        var abandoned = new TaskCompletionSource();

        Task<int>[] callers = [.. Enumerable.Range(0, 5).Select(_ => AskAsync("a"))];
        gate.Open();
        print($"five callers get {string.Join(", ", await Task.WhenAll(callers))}");

        // One who cannot wait leaves at once; the load goes on for the other.
        gate = new();
        using var impatience = new CancellationTokenSource();
        Task<int> patient = AskAsync("b"), impatient = AskAsync("b", impatience.Token);
        await impatience.CancelAsync();
        await Task.WhenAny(impatient);
        print($"the impatient: {impatient.Status}, the load: {(patient.IsCompleted ? "ended" : "goes on")}");
        gate.Open();
        print($"the patient gets {await patient}");

        // When the last has left, the load's own token fires.
        gate = new();
        using var boredom = new CancellationTokenSource();
        Task<int> bored = AskAsync("c", boredom.Token);
        await boredom.CancelAsync();
        await abandoned.Task;
        await Task.WhenAny(bored);
        print($"the bored: {bored.Status}, and so is the load");

        Task<int> AskAsync(string key, CancellationToken cancellationToken = default) => numbers.GetOrInsertAsync(key, LoadAsync, cancellationToken).AsTask();

        async ValueTask<int> LoadAsync(string key, CancellationToken cancellationToken)
        {
            try
            {
                await gate.PassAsync(cancellationToken); // Slow enough for all to come.
                return Interlocked.Increment(ref loads);
            }
            catch (OperationCanceledException)
            {
                abandoned.SetResult();
                throw;
            }
        }
    }
}
