using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

[Implementation("MemoryDistributedCache", typeof(MemoryDistributedCache))]
[Deviates(nameof(AsyncMethods_CancelledToken_CancelWithoutEffect), "It does not look at tokens: what is called is done.")]
[Deviates(nameof(Set_ArrayChangedAfterwards_IsNotSeen), "It keeps the caller's own array.")]
[Deviates(nameof(Get_ArrayChangedAfterwards_IsNotSeen), "It hands out the one array that it keeps.")]
[Deviates(nameof(Set_AbsoluteExpirationInThePast_Throws), "It takes the entry, which is gone at once, and what was stored with it.")]
[Deviates(nameof(RelativeExpiration_MaxValue_IsForEver), "It adds it to the present time, and the sum is no date: `ArgumentOutOfRangeException`.")]
[Deviates(nameof(Get_ExactlyAtTheLimit_IsAlive), "At its limit the entry is gone.")]
[NotApplicable(nameof(Get_SetElsewhere_IsTheValue), "It is in one process only.")]
[NotApplicable(nameof(Get_SlidingEntryChangedElsewhere_IsTheChange), "It is in one process only.")]
[NotApplicable(nameof(Get_AbsoluteEntryChangedElsewhere_IsTheChange), "It is in one process only.")]
[NotApplicable(nameof(Get_AbsoluteEntryChangedElsewhere_IsTheChangeInTime), "It is in one process only.")]
public class MemoryDistributedCacheTests(Form form, Calls calls) : DistributedCacheConformance(form, calls)
{
    private protected override Task<Store> CreateAsync() => Task.FromResult<Store>(new MemoryStore());
}
