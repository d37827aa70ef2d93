namespace CachetTests;

/// <summary>What a task failed with, so that a test can look at the instance.</summary>
internal static class Faults
{
    public static async Task<Exception?> FaultAsync(this Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception fault)
        {
            return fault;
        }
    }

    public static Task<Exception?> FaultAsync<T>(this ValueTask<T> task) => task.AsTask().FaultAsync();

    public static Task<Exception?> FaultAsync(this ValueTask task) => task.AsTask().FaultAsync();
}
