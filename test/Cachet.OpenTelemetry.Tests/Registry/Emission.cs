using System.Globalization;

namespace CachetTests.Registry;

/// <summary>One span, measurement or log record that was emitted.</summary>
/// <param name="Kind">Which of the three.</param>
/// <param name="Name">Its name.</param>
/// <param name="Facts">What is to be known of it beside its attributes.</param>
/// <param name="Attributes">Its attributes; <see langword="null"/> for an instrument that is there, whether it measured or not.</param>
internal sealed record Emission(
    SignalKind Kind, string Name, IReadOnlyList<KeyValuePair<string, string>> Facts, IReadOnlyList<EmittedAttribute>? Attributes)
{
    /// <summary>Boundaries of buckets, the same text for the same numbers.</summary>
    public static string Boundaries(IEnumerable<double> numbers) => string.Join(' ', numbers.Select(static n => n.ToString(CultureInfo.InvariantCulture)));

    /// <summary>What an attribute, or else a fact, was.</summary>
    public string? Find(string name)
    {
        foreach (EmittedAttribute attribute in Attributes ?? [])
        {
            if (attribute.Name == name) return attribute.Text;
        }

        foreach ((string fact, string value) in Facts)
        {
            if (fact == name) return value;
        }

        return null;
    }

    /// <summary>Puts the values of attributes in the place of their names in braces.</summary>
    public string Fill(string pattern)
    {
        foreach (EmittedAttribute attribute in Attributes ?? []) pattern = pattern.Replace($"{{{attribute.Name}}}", attribute.Text, StringComparison.Ordinal);
        return pattern;
    }
}

/// <summary>An attribute of what was emitted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="AtStart">Of a span: whether it was there when the span started.</param>
internal readonly record struct EmittedAttribute(string Name, object? Value, bool AtStart = false)
{
    public string Text => TraceText.Text(Value);

    /// <summary>The type that the registry has a word for.</summary>
    public string Type => Value switch
    {
        string => "string",
        long or int => "int",
        double => "double",
        bool => "boolean",
        null => "null",
        _ => Value.GetType().ToString(),
    };
}
