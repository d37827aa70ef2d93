namespace Cachet.Examples;

/// <summary>A cache in front of something slow: the value is loaded once, and then it is there.</summary>
internal static class GetOrInsertExample
{
    public static async Task RunAsync(Action<string> print)
    {
        await using ICache<int, string> names = Cache.Builder<int, string>("names").Memory().Build();
        var database = new Database();

        // The loader runs for the first, and not for the second.
        print(await names.GetOrInsertAsync(1, database.ReadAsync));
        print(await names.GetOrInsertAsync(1, database.ReadAsync));
        print($"reads: {database.Reads}");

        // With a state, a static lambda needs no closure: this call allocates nothing when it hits.
        print(await names.GetOrInsertAsync(2, database, static (key, database, ct) => database.ReadAsync(key, ct)));

        // A loader that gives an entry chooses its time to live; one that gives nothing has nothing cached.
        CacheEntry<string>? known = await names.GetOrInsertEntryAsync(
            3, async (key, ct) => new CacheEntry<string>(await database.ReadAsync(key, ct), timeToLive: TimeSpan.FromMinutes(5)));
        CacheEntry<string>? unknown = await names.GetOrInsertEntryAsync(4, static (_, _) => new((CacheEntry<string>?)null));
        print($"{known?.Value}, for {known?.TimeToLive?.TotalMinutes} minutes; {unknown?.Value ?? "nothing"}");
        print($"cached: 3 {await names.ContainsAsync(3)}, 4 {await names.ContainsAsync(4)}");
    }

    private sealed class Database
    {
        public int Reads { get; private set; }

        public ValueTask<string> ReadAsync(int id, CancellationToken cancellationToken)
        {
            Reads++;
            return new($"name {id}");
        }
    }
}
