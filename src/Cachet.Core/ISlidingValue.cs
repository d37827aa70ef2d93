namespace Cachet;

/// <summary>A value that says itself for how long it may go unread.</summary>
internal interface ISlidingValue
{
    /// <summary>How long, at each read anew; <see langword="null"/> for ever.</summary>
    TimeSpan? Sliding { get; }
}
