namespace Cachet;

/// <summary>What a cache does about a tier that fails.</summary>
/// <remarks>Inserts, invalidations and clears that an application asked for throw under both policies, after every tier was tried.</remarks>
public enum TierErrorPolicy
{
    /// <summary>A tier that fails during a read is reported and walked past. A get throws only if every tier that it asked failed; a
    /// get_or_insert loads all the same, and a failure to store what was loaded or promoted is reported, not thrown.</summary>
    Absorb,

    /// <summary>Every tier error surfaces.</summary>
    Throw,
}
