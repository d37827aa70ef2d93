namespace CachetTests;

/// <summary>What code allocates on the caller's thread.</summary>
internal static class AllocatedBytes
{
    private const int Rounds = 5;

    /// <summary>The least of some rounds: what the runtime allocates once, while it compiles a method anew, is not the code's.</summary>
    public static long Least(Action round)
    {
        round();
        long least = long.MaxValue;
        for (int i = 0; i < Rounds && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
