using System.Globalization;
using System.Text;

namespace CachetTests;

/// <summary>One line of a scrape that carries a value.</summary>
internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    public string? this[string label] => Labels.GetValueOrDefault(label);
}

/// <summary>A scrape in Prometheus's text format, version 0.0.4, read strictly: a line that is not of the format is an error.</summary>
internal sealed class Exposition
{
    private readonly List<Sample> _samples = [];
    private readonly Dictionary<string, string> _help = [];
    private readonly Dictionary<string, string> _types = [];

    private Exposition()
    {
    }

    public IReadOnlyList<Sample> Samples => _samples;

    /// <summary>Texts of <c># HELP</c>, by metric.</summary>
    public IReadOnlyDictionary<string, string> Help => _help;

    /// <summary>Texts of <c># TYPE</c>, by metric.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    public static Exposition Parse(string text)
    {
        var exposition = new Exposition();
        foreach (string line in text.Split('\n'))
        {
            if (line.Length == 0) continue;
            if (line[0] == '#') exposition.AddComment(line);
            else exposition._samples.Add(new Reader(line).Sample());
        }

        return exposition;
    }

    /// <summary>A value as Prometheus writes it, in a scrape and in its API alike.</summary>
    public static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    /// <summary>The samples of a name as lines of the values of chosen labels (<c>-</c> where there is none) and the value, sorted.</summary>
    public IReadOnlyList<string> Lines(string name, params string[] labels) =>
        [.. _samples.Where(s => s.Name == name)
            .Select(s => string.Join(' ', [.. labels.Select(l => s[l] ?? "-"), s.Value.ToString(CultureInfo.InvariantCulture)]))
            .Order(StringComparer.Ordinal)];

    private void AddComment(string line)
    {
        string[] parts = line.Split(' ', 4);
        switch (parts)
        {
            case ["#", "HELP", var name, var text]:
                _help.Add(name, text);
                break;
            case ["#", "TYPE", var name, var type]:
                _types.Add(name, type);
                break;
        }
    }

    private sealed class Reader(string line)
    {
        private int _at;

        public Sample Sample()
        {
            string name = Until("{ ");
            var labels = new Dictionary<string, string>();
            if (line[_at] == '{')
            {
                _at++;
                while (line[_at] != '}')
                {
                    string label = Until("=");
                    Expect("=\"");
                    labels.Add(label, Quoted());
                    if (line[_at] == ',') _at++;
                }

                _at++;
            }

            Expect(" ");
            string value = Until(" ");
            if (_at < line.Length) // A time stamp, in milliseconds.
            {
                Expect(" ");
                _ = long.Parse(line[_at..], CultureInfo.InvariantCulture);
            }

            return new(name, labels, Number(value));
        }

        private string Until(string stops)
        {
            int from = _at;
            while (_at < line.Length && !stops.Contains(line[_at], StringComparison.Ordinal)) _at++;
            return _at > from ? line[from.._at] : throw Bad();
        }

        private string Quoted()
        {
            var text = new StringBuilder();
            for (; line[_at] != '"'; _at++)
            {
                if (line[_at] != '\\') text.Append(line[_at]);
                else text.Append(line[++_at] == 'n' ? '\n' : line[_at]);
            }

            _at++;
            return text.ToString();
        }

        private void Expect(string text)
        {
            if (string.CompareOrdinal(line, _at, text, 0, text.Length) != 0) throw Bad();
            _at += text.Length;
        }

        private FormatException Bad() => new($"Not Prometheus's text format at {_at}: {line}");
    }
}
