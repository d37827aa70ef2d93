using System.Text.Json.Serialization;

namespace CachetTests.Snippets;

internal sealed record Product(string Id, string Name, decimal Price)
{
    public bool IsDraft => Price == 0;
}

/// <summary>What is slow and worth caching.</summary>
internal sealed class ProductDatabase
{
    private int _reads;

    public int Reads => _reads;

    /// <summary>When set, what every read waits for.</summary>
    public Task Opens { get; set; } = Task.CompletedTask;

    public async ValueTask<Product> ReadAsync(string id, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        await Opens.WaitAsync(cancellationToken);
        return new(id, $"product {id}", 9.90m);
    }

    public async ValueTask<Product?> FindAsync(string id, CancellationToken cancellationToken) =>
        id.StartsWith('p') ? await ReadAsync(id, cancellationToken) : null;
}

// snippet: json-context
[JsonSerializable(typeof(Product))]
internal sealed partial class ShopJson : JsonSerializerContext;
// end
