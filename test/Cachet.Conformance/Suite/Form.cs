namespace CachetTests;

/// <summary>How a run of a suite uses a cache. What the facts come to has to be the same.</summary>
public enum Form
{
    /// <summary>As it is.</summary>
    Bare,

    /// <summary>Decorated, while nobody listens.</summary>
    Decorated,

    /// <summary>Decorated, with spans and metrics being recorded.</summary>
    Recorded,
}
