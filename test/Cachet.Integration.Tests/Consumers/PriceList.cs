namespace CachetTests.Consumers;

/// <summary>What a page shows that is dear to make. It tells how often it was made.</summary>
internal sealed class PriceList
{
    private int _reads;

    public int Reads => Volatile.Read(ref _reads);

    public async Task<string> ReadAsync()
    {
        await Task.Yield();
        return $"reading {Interlocked.Increment(ref _reads)}";
    }
}
