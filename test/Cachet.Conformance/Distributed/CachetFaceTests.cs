namespace CachetTests;

[Implementation("Cachet", typeof(Cachet.Cache))]
[NotApplicable(nameof(Get_SetElsewhere_IsTheValue), "It is in one process only.")]
[NotApplicable(nameof(Get_SlidingEntryChangedElsewhere_IsTheChange), "It is in one process only.")]
[NotApplicable(nameof(Get_AbsoluteEntryChangedElsewhere_IsTheChange), "It is in one process only.")]
public class CachetInMemoryTests(Form form, Calls calls) : DistributedCacheConformance(form, calls)
{
    private protected override Task<Store> CreateAsync() => Task.FromResult<Store>(CachetStore.InMemory());
}

[Implementation("Cachet over Garnet", typeof(Cachet.Cache))]
public class CachetOverGarnetTests(Form form, Calls calls) : DistributedCacheConformance(form, calls)
{
    private protected override async Task<Store> CreateAsync() => await CachetStore.OverGarnetAsync();
}
