using System.Net;
using System.Net.Sockets;

namespace CachetTests;

/// <summary>Ports on loopback that nobody listens on.</summary>
internal static class FreePort
{
    // Below the range from which systems take the ports of outgoing connections, so that none is taken between here and the server's start.
    private const int Lowest = 20_000;
    private const int Highest = 32_000;

    public static int Next()
    {
        for (int tries = 0; tries < 100; tries++)
        {
            int port = Random.Shared.Next(Lowest, Highest);
            if (IsFree(port)) return port;
        }

        throw new InvalidOperationException($"No free port found between {Lowest} and {Highest}.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
