using System.Text;
using System.Text.RegularExpressions;
using Cachet.Testing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CachetTests;

/// <summary>docs/configuration.md lists what can be set, all of it, and its JSON is understood.</summary>
public partial class ConfigurationPageTests
{
    private const string KnownFrom = "configuration can set ";

    private static readonly string _page = Repository.Read("docs/configuration.md");

    private MemoryCache _memory = null!;

    private static IDistributedCache Store => new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));

    [SetUp]
    public void SetUp() => _memory = new(new MemoryCacheOptions());

    [TearDown]
    public void TearDown() => _memory.Dispose();

    [Test]
    public void Table_OfOptions_IsWhatCanBeSet()
    {
        string[] ofTiers = Known("L1:Nonsense", static c => c.Tier(new FakeCacheTier<string, int>()));

        Assert.That(Listed("the cache"), Is.EqualTo(Known("Nonsense", static c => c.Memory()).Except(["l1"])));
        Assert.That(Listed("any tier"), Is.EqualTo(ofTiers));
        Assert.That(Listed("a memory tier"), Is.EqualTo(Known("L1:Nonsense", static c => c.Memory()).Except(ofTiers)));
        Assert.That(Listed("a tier over"), Is.EqualTo(Known("L1:Nonsense", c => c.MemoryCache(_memory)).Except(ofTiers)));
        Assert.That(Listed("a distributed tier"), Is.EqualTo(Known("L1:Nonsense", static c => c.Distributed(Store)).Except(ofTiers)));
    }

    [Test]
    public async Task Json_OfThePage_IsUnderstood()
    {
        string[] blocks = [.. Json().Matches(_page).Select(static m => m.Groups["text"].Value)];
        Assert.That(blocks, Has.Length.EqualTo(2));

        await using ICache<string, int> described = Cache.Builder<string, int>("products").Memory().Distributed(Store).Configuration(Section(blocks[0])).Build();
        Assert.That(described.Name, Is.EqualTo("products"));
        Assert.That(
            () => Cache.Builder<string, int>("products").Configuration(Section(blocks[1])).Build(),
            Throws.InvalidOperationException.With.Message.Contains("Tier 'l2' of cache 'products' has no store"),
            "all of it is understood, and there is no container to take the store from");
    }

    /// <summary>The options in the table's row that begins so.</summary>
    private static string[] Listed(string row)
    {
        string line = _page.Split('\n').Single(l => l.StartsWith("| " + row, StringComparison.Ordinal));
        return [.. OptionName().Matches(Values().Replace(line.Split('|')[2], "")).Select(static m => m.Value)];
    }

    /// <summary>What a complaint about nonsense says can be set.</summary>
    private static string[] Known(string nonsense, Action<CacheBuilder<string, int>> tiers)
    {
        CacheBuilder<string, int> builder = Cache.Builder<string, int>("products")
            .Configuration(Section($$"""{ "Cachet": { "products": { "{{nonsense}}": 1 } } }"""));
        tiers(builder);
        string failure = Assert.Throws<OptionsValidationException>(() => builder.Build())!.Failures.Single();
        return failure[(failure.IndexOf(KnownFrom, StringComparison.Ordinal) + KnownFrom.Length)..].Split(", ");
    }

    private static IConfigurationSection Section(string json) => new ConfigurationBuilder()
        .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build().GetSection("Cachet:products");

    [GeneratedRegex(@"^```json\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Json();

    [GeneratedRegex(@"(?<=`)[A-Z]\w+(?=`)")]
    private static partial Regex OptionName();

    // What may be set stands in parentheses.
    [GeneratedRegex(@"\([^)]*\)")]
    private static partial Regex Values();
}
