namespace CachetTests.Registry;

/// <summary>Annotations of a group or an attribute, each to be asked for once.</summary>
/// <param name="entries">As they were read.</param>
/// <param name="where">Whose they are.</param>
internal sealed class Annotations(Dictionary<string, object> entries, string where)
{
    private readonly HashSet<string> _left = [.. entries.Keys];

    public string? Text(string name) => Take(name) switch
    {
        null => null,
        string text => text,
        _ => throw new InvalidDataException($"{where}: {name} should be one value."),
    };

    /// <summary>Several values, or one alone.</summary>
    public IReadOnlyList<string>? List(string name) => Take(name) is { } value ? ToList(name, value) : null;

    /// <summary>Several lists of values, by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Lists(string name) => Take(name) switch
    {
        null => new Dictionary<string, IReadOnlyList<string>>(),
        Dictionary<object, object> lists => lists.ToDictionary(static l => (string)l.Key, l => ToList(name, l.Value)),
        _ => throw new InvalidDataException($"{where}: {name} should be lists by name."),
    };

    /// <summary>What nobody asked for means nothing to anybody.</summary>
    public void ThrowIfAnyLeft()
    {
        if (_left.Count > 0) throw new InvalidDataException($"{where} has an annotation {_left.First()}, which means nothing.");
    }

    private IReadOnlyList<string> ToList(string name, object value) => value switch
    {
        string text => [text],
        List<object> list => [.. list.Cast<string>()],
        _ => throw new InvalidDataException($"{where}: {name} should be a list."),
    };

    private object? Take(string name) => _left.Remove(name) ? entries[name] : null;
}
