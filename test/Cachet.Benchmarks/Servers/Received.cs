using System.Text.Json;

namespace CachetBenchmarks;

/// <summary>What a receiver of OTLP was sent.</summary>
internal sealed record Received(long Spans, long TraceRequests, long MetricRequests, long Bytes)
{
    // ExportTraceServiceRequest.resource_spans, ResourceSpans.scope_spans, ScopeSpans.spans.
    private static readonly int[] _pathToSpans = [1, 2, 2];

    public static async Task<Received> AskAsync(int receiver)
    {
        using var client = new HttpClient();
        return JsonSerializer.Deserialize<Received>(await client.GetStringAsync(ReceiverCommand.Address(receiver, ReceiverCommand.Counts)))!;
    }

    public Received WithTraces(ReadOnlySpan<byte> request) =>
        this with { Spans = Spans + Count(request, _pathToSpans), TraceRequests = TraceRequests + 1, Bytes = Bytes + request.Length };

    public Received WithMetrics(long length) => this with { MetricRequests = MetricRequests + 1, Bytes = Bytes + length };

    public Task WriteAsync(Stream stream) => JsonSerializer.SerializeAsync(stream, this);

    /// <summary>How many messages there are below a message of Protocol Buffers, along a path of field numbers.</summary>
    internal static int Count(ReadOnlySpan<byte> message, ReadOnlySpan<int> path)
    {
        if (path.IsEmpty) return 1;
        int count = 0;
        while (!message.IsEmpty)
        {
            ulong tag = Varint(ref message);
            switch (tag & 7)
            {
                case 0:
                    Varint(ref message);
                    break;
                case 1:
                    message = message[sizeof(ulong)..];
                    break;
                case 2:
                    int length = (int)Varint(ref message);
                    if (tag >> 3 == (ulong)path[0]) count += Count(message[..length], path[1..]);
                    message = message[length..];
                    break;
                case 5:
                    message = message[sizeof(uint)..];
                    break;
                default:
                    throw new InvalidDataException($"No field of Protocol Buffers begins with {tag}.");
            }
        }

        return count;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = message[0];
            message = message[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }
}
