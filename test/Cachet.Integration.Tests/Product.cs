namespace CachetTests;

/// <summary>What the tests cache.</summary>
internal sealed record Product(string Id, string Name, decimal Price)
{
    public static Product Of(string id) => new(id, $"Product {id}", 9.90m);

    public static ValueTask<Product> LoadAsync(string id, CancellationToken cancellationToken) => new(Of(id));
}
