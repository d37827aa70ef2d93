using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace CachetTests;

/// <summary>A logger that keeps what it is given, at whatever severity.</summary>
internal sealed class Logs
{
    public Logs() => Logger = new(Collector);

    public FakeLogCollector Collector { get; } = new();

    public FakeLogger Logger { get; }

    /// <summary>Gives the logger to whoever asks.</summary>
    public ILoggerFactory Factory => new OneFactory(this);

    /// <summary>For what the factory was asked.</summary>
    public List<string> Categories { get; } = [];

    public IReadOnlyList<FakeLogRecord> Records => Collector.GetSnapshot();

    public IReadOnlyList<string> Names => [.. Records.Select(static r => r.Id.Name!)];

    public IReadOnlyList<string> Messages => [.. Records.Select(static r => r.Message)];

    /// <summary>Two lines for each record: severity, number, name and message; then the attributes but for the template, request ids numbered as they
    /// come.</summary>
    public string Text
    {
        get
        {
            List<string> ids = [];
            return string.Join('\n', Records.Select(r =>
                $"{r.Level} {r.Id.Id} {r.Id.Name} | {r.Message}\n  {string.Join(' ', r.StructuredState!.Select(a => $"{a.Key}={Shown(a)}"))}"));

            string? Shown(KeyValuePair<string, string?> attribute)
            {
                if (attribute.Key != "cache.request_id") return attribute.Value;
                if (!ids.Contains(attribute.Value!)) ids.Add(attribute.Value!);
                return $"#{ids.IndexOf(attribute.Value!) + 1}";
            }
        }
    }

    /// <summary>What each record says of the key, <c>-</c> for nothing.</summary>
    public IReadOnlyList<string> Keys => [.. Records.Select(static r => r.GetStructuredStateValue("cache.key") ?? "-")];

    public void SetMinimum(LogLevel minimum)
    {
        foreach (LogLevel level in Enum.GetValues<LogLevel>()) Logger.ControlLevel(level, level >= minimum);
    }

    private sealed class OneFactory(Logs logs) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName)
        {
            logs.Categories.Add(categoryName);
            return logs.Logger;
        }

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose() => throw new NotSupportedException("A factory that was handed in is not Cachet's to dispose of.");
    }
}
