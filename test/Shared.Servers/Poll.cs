namespace CachetTests;

/// <summary>Waiting for something outside the process: asks again and again, a bounded number of times.</summary>
internal static class Poll
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks until there is an answer.</summary>
    /// <param name="ask">Gives <see langword="null"/> where it is too early.</param>
    /// <param name="orElse">What to say when it never came.</param>
    /// <param name="tries">How often to ask, ten times a second.</param>
    public static async Task<T> ForAsync<T>(Func<Task<T?>> ask, Func<string> orElse, int tries = 300)
        where T : class
    {
        for (int i = 0; i < tries; i++)
        {
            if (await ask() is { } answer) return answer;
            await Task.Delay(_pause);
        }

        throw new TimeoutException(orElse());
    }

    /// <summary>Asks until the answer is yes.</summary>
    public static Task UntilAsync(Func<Task<bool>> ask, Func<string> orElse, int tries = 300) =>
        ForAsync(async () => await ask() ? string.Empty : null, orElse, tries);
}
