using Microsoft.AspNetCore.Http;

namespace CachetTests.Otlp;

/// <summary>A request of OTLP over HTTP: the message is the body, compressed or not.</summary>
internal static class HttpMessage
{
    public static Task<byte[]> ReadAsync(HttpRequest request) => (string?)request.Headers.ContentEncoding switch
    {
        null or "" => BytesAsync(request.Body),
        "gzip" => GrpcMessage.InflateAsync(request.Body),
        var other => throw new InvalidDataException($"Compressed as '{other}'."),
    };

    public static async Task AnswerAsync(HttpResponse response, int status)
    {
        response.StatusCode = status;
        response.ContentType = "application/x-protobuf";
        await response.CompleteAsync(); // An empty message.
    }

    public static async Task<byte[]> BytesAsync(Stream stream)
    {
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
