using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace CachetTests.Otlp;

/// <summary>A call of gRPC that has one message each way: five bytes in front of each, which say whether it is compressed and how long it is, and the
/// status behind the answer, in trailers.</summary>
internal static class GrpcMessage
{
    private const int PrefixLength = 5;

    public static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        byte[] prefix = new byte[PrefixLength];
        await request.Body.ReadExactlyAsync(prefix);
        byte[] message = new byte[BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1))];
        await request.Body.ReadExactlyAsync(message);
        if (prefix[0] == 0) return message;
        string? encoding = request.Headers["grpc-encoding"];
        return encoding == "gzip" ? await InflateAsync(new MemoryStream(message)) : throw new InvalidDataException($"Compressed as '{encoding}'.");
    }

    public static async Task AnswerAsync(HttpResponse response, int status)
    {
        response.ContentType = "application/grpc";
        if (status == 0) await response.Body.WriteAsync(new byte[PrefixLength]); // An empty message.
        response.AppendTrailer("grpc-status", $"{status}");
    }

    /// <summary>Undoes gzip.</summary>
    public static async Task<byte[]> InflateAsync(Stream compressed)
    {
        await using var gzip = new GZipStream(compressed, CompressionMode.Decompress);
        return await HttpMessage.BytesAsync(gzip);
    }
}
