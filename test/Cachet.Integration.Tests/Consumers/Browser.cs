using System.Net;

namespace CachetTests.Consumers;

/// <summary>A client of the nodes, which keeps its cookies. They are one site to it: a cookie of one node goes to all.</summary>
internal sealed class Browser : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { CookieContainer = new(), ActivityHeadersPropagator = null });

    /// <summary>Asks for a page, and waits for its end: by then all that the node had to do for it is done.</summary>
    public async Task<string> GetAsync(WebNode node, string path)
    {
        CancellationToken limit = TestContext.CurrentContext.CancellationToken;
        using HttpResponseMessage response = await _client.GetAsync(node.At(path), limit);
        string body = await response.Content.ReadAsStringAsync(limit);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), body);
        return body;
    }

    public void Dispose() => _client.Dispose();
}
