using System.Diagnostics;
using Cachet.QuickStart;
using Cachet.Testing;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>The traces that docs/observability.md shows are drawn from what is really emitted.</summary>
/// <remarks>With <c>CACHET_REWRITE_SNIPPETS=1</c> the drawings in the page are replaced instead of compared.</remarks>
[CancelAfter(30_000)]
public sealed class TracePictureTests
{
    private const string Page = "docs/observability.md";

    private static readonly bool _rewrite = Environment.GetEnvironmentVariable("CACHET_REWRITE_SNIPPETS") == "1";
    private static readonly ActivitySource _requests = new("Shop");
    private static readonly string[] _names = ["load", "promotion", "follower", "refresh"];

    private readonly List<Activity> _spans = [];
    private PicturedClock _clock = null!;
    private PicturedStore _store = null!;
    private CacheEventRecorder _events = null!;
    private ICache<string, string> _products = null!;
    private TracerProvider _provider = null!;

    [SetUp]
    public async Task SetUp()
    {
        _clock = new();
        _store = new(_clock);
        _events = new();
        _products = Cache.Builder<string, string>("products")
            .Memory(static o => (o.TimeToLive, o.TimeToRefresh) = (TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(50)))
            .Distributed(_store, static o => o.GenerationCheck = TimeSpan.FromDays(1))
            .Clock(_clock)
            .EventHandler(_events)
            .Build();
        await _products.InsertAsync("other", "v"); // The store's generation is read once.
        _spans.Clear();
        _provider = Sdk.CreateTracerProviderBuilder().AddSource(_requests.Name).AddCachetInstrumentation().AddInMemoryExporter(_spans).Build();
    }

    [TearDown]
    public async Task TearDown()
    {
        await _products.DisposeAsync();
        _provider.Dispose();
    }

    [TestCaseSource(nameof(_names))]
    public async Task Picture_OfThePage_IsWhatIsEmitted(string name)
    {
        string drawing = name switch
        {
            "load" => await LoadAsync(),
            "promotion" => await PromoteAsync(),
            "follower" => await FollowAsync(),
            _ => await RefreshAsync(),
        };

        string page = Repository.Read(Page);
        TracePicture picture = TracePicture.Of(page).Single(p => p.Name == name);
        if (_rewrite) await File.WriteAllTextAsync(Repository.PathOf(Page), page[..picture.At] + drawing + page[(picture.At + picture.Text.Length)..]);
        else Assert.That(TracePicture.WithoutIds(picture.Text), Is.EqualTo(TracePicture.WithoutIds(drawing)));
    }

    [Test]
    public void Pictures_OfThePage_AreAllDrawn() =>
        Assert.That(TracePicture.Of(Repository.Read(Page)).Select(static p => p.Name), Is.EqualTo(_names));

    private async Task<string> LoadAsync()
    {
        await RequestAsync(() => AskAsync().AsTask());
        return Draw();
    }

    private async Task<string> PromoteAsync()
    {
        await _products.InsertAsync("p1", "espresso machine");
        _clock.Take(TimeSpan.FromMinutes(2));
        _spans.Clear();
        await RequestAsync(() => AskAsync().AsTask());
        return Draw();
    }

    private async Task<string> FollowAsync()
    {
        var gate = new Gate();
        Task first = RequestAsync(() => AskAsync(gate).AsTask());
        await gate.Reached;
        Task second = RequestAsync(() => AskAsync().AsTask());
        gate.Open();
        await Task.WhenAll(first, second);
        return Draw();
    }

    private async Task<string> RefreshAsync()
    {
        await _products.InsertAsync("p1", "espresso machine");
        _clock.Take(TimeSpan.FromSeconds(55));
        _spans.Clear();
        _store.Holds = new(); // The refresh begins when the request is over.
        await RequestAsync(() => AskAsync().AsTask());
        _store.Holds.Open();
        await _events.WaitForOperationAsync(
            static e => e.Operation == CacheOperation.Refresh, cancellationToken: TestContext.CurrentContext.CancellationToken);
        await _products.DisposeAsync(); // which waits for the end of the refresh's span
        return Draw();
    }

    private ValueTask<string> AskAsync(Gate? gate = null) => _products.GetOrInsertAsync("p1", async (_, token) =>
    {
        if (gate is not null) await gate.PassAsync(token);
        _clock.Take(TimeSpan.FromMilliseconds(20));
        return "espresso machine";
    });

    private static async Task RequestAsync(Func<Task> happen)
    {
        using Activity? request = _requests.StartActivity("GET /products/{id}");
        await happen();
    }

    private string Draw()
    {
        // A request is as long as the operation in it: by the clock of the pictures too.
        foreach (Activity request in _spans.Where(static s => s.Source.Name == _requests.Name))
        {
            request.SetEndTime(request.StartTimeUtc + _spans.Single(s => s.ParentSpanId == request.SpanId).Duration);
        }

        using var text = new StringWriter { NewLine = "\n" };
        TraceTree.Draw([.. _spans.OrderBy(static s => s.StartTimeUtc)], text);
        return string.Join('\n', text.ToString().Split('\n').Select(static l => l.StartsWith("  ", StringComparison.Ordinal) ? l[2..] : l));
    }
}
