using Microsoft.Extensions.Caching.StackExchangeRedis;

namespace CachetTests;

[Implementation("RedisCache", typeof(RedisCache))]
[Deviates(nameof(EveryMethod_Null_Throws), "Where there is no entry, it does not notice that there is no buffer.")]
public class RedisCacheBufferTests(Form form, Calls calls) : BufferDistributedCacheConformance(form, calls)
{
    private protected override async Task<Store> CreateAsync() => await RedisStore.OpenAsync();
}
