using Microsoft.Extensions.Internal;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>A clock that stands still until told, for whoever asks a <see cref="TimeProvider"/>, and for .NET's memory cache, which asks
/// another.</summary>
/// <remarks>It begins now: stores that take no clock count from the same time.</remarks>
internal sealed class StoppedClock() : FakeTimeProvider(TimeProvider.System.GetUtcNow()), ISystemClock
{
    public DateTimeOffset UtcNow => GetUtcNow();
}
