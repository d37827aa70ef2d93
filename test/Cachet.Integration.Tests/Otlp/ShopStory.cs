using Cachet;

namespace CachetTests.Otlp;

/// <summary>A story in which everything happens once.</summary>
internal static class ShopStory
{
    public static async Task TellAsync(ObservedShop shop)
    {
        ICache<string, Product> products = shop.Products;
        await ObservedShop.RequestAsync("first", () => products.GetOrInsertAsync("p1", Product.LoadAsync));
        await ObservedShop.RequestAsync("again", () => products.GetAsync("p1"));
        shop.MoveOn(TimeSpan.FromSeconds(31)); // Memory's copy has run out.
        await ObservedShop.RequestAsync("later", () => products.GetAsync("p1"));
        await LeadAndFollowAsync(products);
        Assert.That(
            () => ObservedShop.RequestAsync("failing", () => products.GetOrInsertAsync("p3", static (_, _) => throw new TimeoutException())),
            Throws.InstanceOf<TimeoutException>());
        shop.MoveOn(TimeSpan.FromSeconds(21)); // Memory's copy is due for a refresh.
        await ObservedShop.RequestAsync("trigger", () => products.GetOrInsertAsync("p2", Product.LoadAsync));
        await shop.Events.WaitForOperationAsync(static e => e.Operation == CacheOperation.Refresh);
    }

    // The leader's loader is held open until the other has come.
    private static async Task LeadAndFollowAsync(ICache<string, Product> products)
    {
        var gate = new Gate();
        Task<Product> leader = ObservedShop.RequestAsync("leader", HeldUpAsync);
        await gate.Reached;
        Task<Product> follower = ObservedShop.RequestAsync("follower", HeldUpAsync);
        gate.Open();
        Assert.That(await follower, Is.SameAs(await leader));

        ValueTask<Product> HeldUpAsync() => products.GetOrInsertAsync("p2", async (id, cancellationToken) =>
        {
            await gate.PassAsync(cancellationToken);
            return Product.Of(id);
        });
    }
}
