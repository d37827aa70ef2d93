using Cachet;
using CsCheck;

namespace CachetTests.Model;

/// <summary>Random caches, and random sequences of what is done to them. Small numbers, so that things meet.</summary>
internal static class Gens
{
    private const int MostTiers = 4;
    private const int Keys = 2;

    private static readonly Gen<int?> _life = Gen.OneOf(Gen.Const((int?)null), Gen.Int[-1, 12].Select(static n => (int?)n));

    private static readonly Gen<TierSetup> _tier =
        Gen.Select(_life, Gen.Int[0, 12], Policies(), Often(false), Often(false), Often(false)).Select(static (life, age, policy, remote, bare, slow) =>
            // No entry may be asked to be renewed after it expires.
            new TierSetup(life, age == 0 || (life >= 0 && age > life) ? null : age, policy, remote, bare, slow));

    private static readonly Gen<CacheSetup> _setup =
        Gen.Select(_tier.Array[1, MostTiers], Gen.Enum<Primary>(), Often(true), Often(false), Often(true)).Select(static (tiers, primary, shared, throws, observed) =>
        {
            if (primary == Primary.Memory) tiers[0] = tiers[0] with { Remote = false, Bare = false, Slow = false };
            return new CacheSetup(tiers, primary, shared, throws, observed);
        });

    private static readonly Gen<Shape> _shape = Gen.Select(_life, Gen.OneOf(Gen.Const((int?)null), Gen.Int[-12, 8].Select(static n => (int?)n)))
        .Select(static (life, cachedAt) => new Shape(life, cachedAt));

    private static readonly Gen<Fault> _fault = Gen.Select(
            Gen.Int[0, MostTiers - 1],
            Gen.Int[0, 3].Select(static n => (CacheOperation)n),
            Gen.Enum<Mishap>())
        .Select(static (tier, call, mishap) => new Fault(tier, call, mishap));

    private static readonly Gen<Fault[]> _faults = Gen.Frequency((3, Gen.Const(Array.Empty<Fault>())), (2, _fault.Array[1, 4]));

    private static readonly Gen<Step> _step = Gen.Select(Verbs(), Gen.Int[0, Keys - 1], _shape, Gen.Enum<Loading>(), Gen.Int[0, 20], Gen.Int[-1, 1], _faults)
        .Select(static (verb, key, shape, loading, amount, off, faults) => new Step(
            verb,
            key,
            shape,
            verb == Verb.GetOrInsert && loading == Loading.GivesNothing ? Loading.Gives : loading,
            // Single ticks, seconds, and more than the longest life.
            verb != Verb.Advance ? amount : amount < 4 ? amount : (amount - 4L) * TimeSpan.TicksPerSecond * (amount == 20 ? 10 : 1),
            off,
            faults));

    public static Gen<(CacheSetup Setup, Step[] Steps)> Case { get; } = Gen.Select(_setup, _step.Array[1, 40]).Select(static (setup, steps) =>
        (setup, setup.Primary == Primary.Memory ? Array.ConvertAll(steps, WithoutFaultsInTheFirst) : steps));

    public static string Print((CacheSetup Setup, Step[] Steps) sample) => $"{sample.Setup}\n{string.Join<Step>("\n", sample.Steps)}";

    private static Step WithoutFaultsInTheFirst(Step step) => step with { Faults = [.. step.Faults.Where(static f => f.Tier > 0)] };

    private static Gen<bool> Often(bool value) => Gen.Frequency((3, Gen.Const(value)), (1, Gen.Const(!value)));

    private static Gen<Policy> Policies() => Gen.Frequency((5, Gen.Const(Policy.Always)), (2, Gen.Enum<Policy>()));

    private static Gen<Verb> Verbs() => Gen.Frequency(
        (4, Gen.Const(Verb.Get)),
        (1, Gen.Const(Verb.Contains)),
        (1, Gen.Const(Verb.Count)),
        (2, Gen.Const(Verb.Insert)),
        (2, Gen.Const(Verb.InsertEntry)),
        (1, Gen.Const(Verb.Invalidate)),
        (1, Gen.Const(Verb.Clear)),
        (3, Gen.Const(Verb.GetOrInsert)),
        (3, Gen.Const(Verb.GetOrInsertEntry)),
        (2, Gen.Const(Verb.Advance)),
        (4, Gen.Const(Verb.AdvanceToBoundary)),
        (1, Gen.Const(Verb.SetBack)));
}
