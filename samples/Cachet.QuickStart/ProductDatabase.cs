namespace Cachet.QuickStart;

/// <summary>What is cached.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Read">Which read of the database gave it: callers with the same number shared one load.</param>
internal sealed record Product(string Name, int Read)
{
    public override string ToString() => $"\"{Name}\" (database read #{Read})";
}

/// <summary>The slow source of truth behind the cache: made up, but what it takes is really waited for.</summary>
internal sealed class ProductDatabase
{
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    private int _reads;

    public int Reads => Volatile.Read(ref _reads);

    public async ValueTask<Product> ReadAsync(string name, CancellationToken cancellationToken)
    {
        await Task.Delay(Delay, cancellationToken);
        return new(name, Interlocked.Increment(ref _reads));
    }
}
