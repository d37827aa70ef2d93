using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Cachet;

/// <summary>What a host validates when it starts, in place of options that caches do not have.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "The options framework makes it.")]
internal sealed class CachesAtStart;

/// <summary>Builds every registered cache, and so checks it. Asks nothing of a tier: a store that is down stops no host.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "The container makes it.")]
internal sealed class StartValidation(RegisteredCaches caches, IServiceProvider services) : IValidateOptions<CachesAtStart>
{
    public ValidateOptionsResult Validate(string? name, CachesAtStart options)
    {
        var failures = new List<string>();
        foreach ((string cache, Func<IServiceProvider, object?> get) in caches.All)
        {
            try
            {
                get(services);
            }
            catch (OptionsValidationException error)
            {
                failures.AddRange(error.Failures);
            }
            catch (Exception error)
            {
                failures.Add(Describe(cache, error));
            }
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>What went wrong, and where: the failures of several caches are shown in one line.</summary>
    private static string Describe(string cache, Exception error)
    {
        // Nobody gets to see the exception itself: of a surprise, everything has to be told.
        if (error is not (ArgumentException or InvalidOperationException)) return $"Cache '{cache}' could not be built: {error}";
        string text = error.Message.TrimEnd('.');
        if (!text.Contains($"cache '{cache}'", StringComparison.OrdinalIgnoreCase)) return $"Cache '{cache}' could not be built: {text}";
        int end = text.IndexOf(" (Parameter '", StringComparison.Ordinal); // The framework's additions repeat what the text says.
        return end < 0 ? text : text[..end].TrimEnd('.');
    }
}
