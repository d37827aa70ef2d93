using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using Microsoft.Extensions.Configuration;

namespace Cachet;

/// <summary>Reads one section of a cache's configuration, option by option. Every option that was asked for is a known one; what is left in the
/// section after that is a mistake.</summary>
/// <remarks>By hand, because the binder needs reflection, or a source generator that knows no open generic types. Mistakes are collected, so that
/// whoever made several learns of all at once.</remarks>
/// <param name="section">The section.</param>
/// <param name="owner">Whose options they are, as messages name it.</param>
/// <param name="failures">Where to put what is wrong.</param>
internal sealed class SettingsReader(IConfigurationSection section, string owner, ICollection<string> failures)
{
    private readonly Dictionary<string, IConfigurationSection> _left =
        section.GetChildren().ToDictionary(static c => c.Key, StringComparer.OrdinalIgnoreCase);

    private readonly List<string> _known = [];

    private delegate bool Parser<T>(string text, [MaybeNullWhen(false)] out T value);

    public void Text(string name, Action<string> set) => Read(name, ParseText, "text", set);

    public void Flag(string name, Action<bool> set) => Read(name, bool.TryParse, "true or false", set);

    public void Whole<T>(string name, Action<T> set)
        where T : IBinaryInteger<T>, IMinMaxValue<T> => Read(name, ParseWhole, $"a whole number, at most {T.MaxValue}", set);

    /// <summary>A number that is at least 1.</summary>
    public void Count(string name, Action<int> set) => Read(
        name, static (string text, out int value) => ParseWhole(text, out value) && value > 0, $"a whole number from 1 to {int.MaxValue}", set);

    public void Fraction(string name, Action<double> set) => Read(name, ParseFraction, "a number, with a point before its decimals", set);

    public void Time(string name, Action<TimeSpan> set) =>
        Read(name, ParseTime, "a time as [days.]hours:minutes:seconds, such as 00:00:30 or 1.12:00:00, or 'infinite'", set);

    public void OneOf<T>(string name, Action<T> set)
        where T : struct, Enum => OneOf(name, [.. Enum.GetNames<T>().Zip(Enum.GetValues<T>())], set);

    public bool OneOf<T>(string name, (string Word, T Value)[] choices, Action<T> set)
    {
        return Read(name, Parse, string.Join(" or ", choices.Select(static c => c.Word)), set);

        bool Parse(string text, [MaybeNullWhen(false)] out T value)
        {
            int chosen = Array.FindIndex(choices, c => c.Word.Equals(text, StringComparison.OrdinalIgnoreCase));
            value = chosen < 0 ? default : choices[chosen].Value;
            return chosen >= 0;
        }
    }

    /// <summary>The section of that name, if there is one.</summary>
    public SettingsReader? Section(string name, string itsOwner)
    {
        _known.Add(name);
        return _left.Remove(name, out IConfigurationSection? child) ? new(child, itsOwner, failures) : null;
    }

    /// <summary>Reports something that cannot be done without.</summary>
    public void Missing(string name, string remedy) => failures.Add($"'{section.Path}:{name}' is missing: {remedy}");

    /// <summary>Reports everything that nobody asked for.</summary>
    public void RefuseTheRest()
    {
        if (section.Value is { } value) failures.Add($"'{section.Path}' is '{value}': it should be a section with what can be set for {owner}");
        foreach (IConfigurationSection child in _left.Values)
        {
            failures.Add($"'{child.Path}' is nothing that can be set for {owner}: configuration can set {string.Join(", ", _known)}");
        }
    }

    /// <summary>Sets an option if it is there.</summary>
    /// <returns>Whether it is, be it right or wrong.</returns>
    private bool Read<T>(string name, Parser<T> parse, string expected, Action<T> set)
    {
        _known.Add(name);
        if (!_left.Remove(name, out IConfigurationSection? child)) return false;
        if (child.GetChildren().Any()) failures.Add($"'{child.Path}' is a section: it should be {expected}");
        else if (child.Value is null) failures.Add($"'{child.Path}' is null: it should be {expected}, or be left out");
        else if (parse(child.Value, out T? value)) set(value);
        else failures.Add($"'{child.Path}' is '{child.Value}': it should be {expected}");
        return true;
    }

    private static bool ParseText(string text, out string value)
    {
        value = text;
        return true;
    }

    private static bool ParseWhole<T>(string text, [MaybeNullWhen(false)] out T value)
        where T : IBinaryInteger<T> => T.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value);

    // No thousands: "0,5" would be five.
    private static bool ParseFraction(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    // Two colons or nothing: "30" would be thirty days, and "00:30" half an hour.
    private static bool ParseTime(string text, out TimeSpan value)
    {
        value = Timeout.InfiniteTimeSpan;
        return text.Equals("infinite", StringComparison.OrdinalIgnoreCase)
            || (text.Count(static c => c == ':') == 2 && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value));
    }
}
