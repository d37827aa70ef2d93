using System.Globalization;

namespace CachetTests;

/// <summary>Attributes as the texts of telemetry show them: without the <c>cache.</c> that nearly all of them begin with.</summary>
internal static class AttributeText
{
    /// <summary>For example <c>outcome=hit, tier.name=l1</c>.</summary>
    public static string Of(IEnumerable<KeyValuePair<string, object?>> attributes) => string.Join(", ", attributes.Select(Of));

    /// <summary>For example <c>tier.name=l1</c>.</summary>
    public static string Of(KeyValuePair<string, object?> attribute)
    {
        string value = Convert.ToString(attribute.Value, CultureInfo.InvariantCulture)!;
        return $"{attribute.Key.Replace("cache.", string.Empty, StringComparison.Ordinal)}={value}";
    }
}
