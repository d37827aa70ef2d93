using Microsoft.Extensions.Caching.StackExchangeRedis;

namespace CachetTests;

[Implementation("RedisCache", typeof(RedisCache))]
[Deviates(nameof(Get_KeysWithBrokenSurrogates_NeverGiveAnothersValue), "Keys are sent as UTF-8, in which all such characters are the same.")]
[Deviates(nameof(Get_KeysWithBrokenSurrogates_AreToldApart), "The second entry takes the place of the first.")]
[Deviates(nameof(Set_NullValue_Throws), "The exception names a parameter of a method further down, `array`.")]
[Deviates(nameof(AsyncMethods_NullKey_ThrowAtTheCall), "The task fails.")]
[Deviates(nameof(RelativeExpiration_MaxValue_IsForEver), "It adds it to the present time, and the sum is no date: `ArgumentOutOfRangeException`.")]
[Deviates(nameof(SlidingExpiration_MaxValue_IsForEver), "It is sent to the server as it is, and Garnet refuses it: `RedisServerException`.")]
[Deviates(nameof(Set_LifeBelowASecond_IsStored), "A life is cut to whole seconds, so this one is none.")]
[Deviates(nameof(AbsoluteAndRelativeExpiration_Both_TheEarlierCounts), "The one relative to now counts.")]
[NotRun(nameof(Get_ExactlyAtTheLimit_IsAlive), "The server counts by a clock of its own, which does not stop.")]
public class RedisCacheTests(Form form, Calls calls) : DistributedCacheConformance(form, calls)
{
    private protected override async Task<Store> CreateAsync() => await RedisStore.OpenAsync();
}
