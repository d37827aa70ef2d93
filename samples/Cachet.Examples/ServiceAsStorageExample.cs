using System.Collections.Concurrent;

namespace Cachet.Examples;

/// <summary>A request handler as a tier, and a function around it. samples/Cachet.Resilience puts retry, time-out and circuit breaker there.</summary>
internal static class ServiceAsStorageExample
{
    /// <summary>Answers a request: the entry for a get, nothing for the others.</summary>
    private delegate ValueTask<CacheEntry<string>?> Service(Request request, CancellationToken cancellationToken);

    public static async Task RunAsync(Action<string> print)
    {
        var entries = new ConcurrentDictionary<string, CacheEntry<string>>();
        Service service = (request, _) => new(Answer(entries, request));
        Service logged = (request, ct) =>
        {
            print($"  {request.Verb} {request.Key}");
            return service(request, ct);
        };

        await using ICache<string, string> products = Cache.Builder<string, string>("products").Tier(new ServiceTier(logged)).Build();
        print(await products.GetOrInsertAsync("p1", static (key, _) => new($"{key}, loaded")));
        print(await products.GetOrInsertAsync("p1", static (key, _) => new($"{key}, loaded again")));
        await products.InvalidateAsync("p1");
    }

    private static CacheEntry<string>? Answer(ConcurrentDictionary<string, CacheEntry<string>> entries, Request request) => request switch
    {
        { Verb: "GET", Key: { } key } => entries.GetValueOrDefault(key),
        { Verb: "PUT", Key: { } key, Entry: { } entry } => entries[key] = entry,
        { Verb: "DELETE", Key: { } key } => entries.TryRemove(key, out CacheEntry<string>? removed) ? removed : null,
        _ => throw new NotSupportedException($"Nobody knows how to {request.Verb}."),
    };

    private sealed record Request(string Verb, string? Key = null, CacheEntry<string>? Entry = null);

    private sealed class ServiceTier(Service service) : ICacheTier<string, string>
    {
        public ValueTask<CacheEntry<string>?> GetAsync(string key, CancellationToken cancellationToken) => service(new("GET", key), cancellationToken);

        public async ValueTask<InsertOutcome> InsertAsync(string key, CacheEntry<string> entry, CancellationToken cancellationToken)
        {
            await service(new("PUT", key, entry), cancellationToken);
            return InsertOutcome.Accepted;
        }

        public async ValueTask InvalidateAsync(string key, CancellationToken cancellationToken) => await service(new("DELETE", key), cancellationToken);

        // A service that cannot do it says so: then a clear of the cache fails, rather than seem to have worked.
        public async ValueTask ClearAsync(CancellationToken cancellationToken) => await service(new("CLEAR"), cancellationToken);
    }
}
