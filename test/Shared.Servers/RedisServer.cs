using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CachetTests;

/// <summary>A server that speaks Redis's protocol, on a loopback port, run by the tests.</summary>
internal abstract class RedisServer(int port) : IAsyncDisposable
{
    private ChildProcess? _process;

    public int Port { get; } = port;

    public string EndPoint => $"127.0.0.1:{Port}";

    /// <summary>Starts the server, and waits until it answers. One that does not come up is killed, and what it said is in the exception.</summary>
    public async Task StartAsync()
    {
        _process = Launch();
        try
        {
            await Poll.UntilAsync(AnswersAsync, () => $"No answer to PING on port {Port}. {_process}");
        }
        catch (Exception)
        {
            await StopAsync();
            throw;
        }
    }

    /// <summary>Kills the server. It can be started again, on the same port, with nothing in it.</summary>
    public async Task StopAsync()
    {
        if (_process is not { } process) return;
        _process = null;
        await process.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract ChildProcess Launch();

    private async Task<bool> AnswersAsync()
    {
        if (_process!.HasExited) throw new InvalidOperationException($"The server ended. {_process}");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray(), limit.Token);
            byte[] answer = new byte[7];
            await stream.ReadExactlyAsync(answer, limit.Token);
            return Encoding.ASCII.GetString(answer) == "+PONG\r\n";
        }
        catch (Exception error) when (error is SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
