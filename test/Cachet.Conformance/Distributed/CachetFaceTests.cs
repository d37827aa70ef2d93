namespace CachetTests;

[Implementation("Cachet", typeof(Cachet.Cache))]
[NotApplicable(nameof(Get_SetElsewhere_IsTheValue), "It is in one process only.")]
[NotApplicable(nameof(Get_SlidingEntryChangedElsewhere_IsTheChange), "It is in one process only.")]
[NotApplicable(nameof(Get_AbsoluteEntryChangedElsewhere_IsTheChange), "It is in one process only.")]
[NotApplicable(nameof(Get_AbsoluteEntryChangedElsewhere_IsTheChangeInTime), "It is in one process only.")]
public class CachetInMemoryTests(Form form, Calls calls) : DistributedCacheConformance(form, calls)
{
    private protected override Task<Store> CreateAsync() => Task.FromResult<Store>(CachetStore.InMemory());
}

[Implementation("Cachet over Garnet", typeof(Cachet.Cache))]
[NotRun(nameof(Get_ExactlyAtTheLimit_IsAlive), "The server counts by a clock of its own, which does not stop.")]
[Deviates(nameof(Get_AbsoluteEntryChangedElsewhere_IsTheChange), "For `LocalTimeToLive`, a minute by default, it answers from its own memory.")]
public class CachetOverGarnetTests(Form form, Calls calls) : DistributedCacheConformance(form, calls)
{
    private protected override async Task<Store> CreateAsync() => await CachetStore.OverGarnetAsync();
}

[Implementation("Cachet over Garnet, `LocalTimeToLive` zero", typeof(Cachet.Cache))]
[NotRun(nameof(Get_ExactlyAtTheLimit_IsAlive), "The server counts by a clock of its own, which does not stop.")]
[Deviates(nameof(Get_KeysWithBrokenSurrogates_AreToldApart), "The second entry takes the place of the first, which is then a miss.")]
public class CachetOverGarnetAloneTests(Form form, Calls calls) : DistributedCacheConformance(form, calls)
{
    private protected override async Task<Store> CreateAsync() => await CachetStore.OverGarnetAsync(TimeSpan.Zero);
}
