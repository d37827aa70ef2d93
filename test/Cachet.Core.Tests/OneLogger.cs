using Microsoft.Extensions.Logging;

namespace CachetTests;

/// <summary>A factory, and a provider, of one logger.</summary>
internal sealed class OneLogger(ILogger logger) : ILoggerFactory, ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => logger;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
