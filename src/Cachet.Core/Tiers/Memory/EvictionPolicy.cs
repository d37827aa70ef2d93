namespace Cachet;

/// <summary>Which entries a memory tier drops to make room.</summary>
public enum EvictionPolicy
{
    /// <summary>Those used least recently, about. A hit costs least, and work is done where it arises, on the inserting thread.</summary>
    Lru,

    /// <summary>Those used least often of late, about (W-TinyLFU): keeps more of what is worth keeping where many entries are read once, as in scans. Its
    /// bookkeeping follows in the background, on the thread pool: for a moment the tier may hold some entries more than its capacity.</summary>
    TinyLfu,
}
