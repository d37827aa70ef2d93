namespace CachetTests;

[Implementation("Cachet", typeof(Cachet.Cache))]
public class CachetInMemoryBufferTests(Form form, Calls calls) : BufferDistributedCacheConformance(form, calls)
{
    private protected override Task<Store> CreateAsync() => Task.FromResult<Store>(CachetStore.InMemory());
}

[Implementation("Cachet over Garnet", typeof(Cachet.Cache))]
public class CachetOverGarnetBufferTests(Form form, Calls calls) : BufferDistributedCacheConformance(form, calls)
{
    private protected override async Task<Store> CreateAsync() => await CachetStore.OverGarnetAsync();
}
