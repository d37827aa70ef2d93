namespace Cachet.Testing;

/// <summary>Which calls of a tier come to a gate, and where.</summary>
/// <param name="matches">The calls in question.</param>
/// <param name="nth">Which of them is held, counted from 1; <see langword="null"/> for each.</param>
/// <param name="after">After the entries were touched, not before.</param>
/// <param name="cancellable">Whether a held call ends when its token fires.</param>
internal sealed class Hold<TKey, TValue>(Func<CacheTierCall<TKey, TValue>, bool> matches, int? nth, bool after, bool cancellable)
    where TKey : notnull
{
    private int _calls;

    public Gate Gate { get; } = new();

    public bool IsAfter => after;

    /// <summary>Whether a call that begins is held. Counts it: not safe for use from several threads.</summary>
    public bool Takes(CacheTierCall<TKey, TValue> call) => matches(call) && (++_calls == nth || nth is null);

    public Task PassAsync(CancellationToken cancellationToken) => Gate.PassAsync(cancellable ? cancellationToken : CancellationToken.None);
}
