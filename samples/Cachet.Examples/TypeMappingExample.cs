using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Cachet.Testing;

namespace Cachet.Examples;

/// <summary>A boundary in front of a tier that knows other keys and other values than the cache: here texts, as an older application stored them.</summary>
internal static class TypeMappingExample
{
    public static async Task RunAsync(Action<string> print)
    {
        var events = new CacheEventRecorder();
        var texts = new FakeCacheTier<string, string> { { "price/7", "3.50 EUR" }, { "price/8", "cheap" } };
        await using ICache<int, Price> prices = Cache.Builder<int, Price>("prices")
            .Memory()
            .Transform(
                static id => $"price/{id}",
                ValueCodec.Create<Price, string>(static price => $"{price}", TryParse),
                tiers => tiers.Tier(texts, static o => o.Name = "texts"))
            .EventHandler(events)
            .Build();

        print($"7 costs {(await prices.GetAsync(7))?.Value}");

        // What the codec refuses counts as no entry, and the events say so.
        print($"8 costs {await prices.GetOrInsertAsync(8, static (_, _) => new(new Price(4.25m, "EUR")))}");
        print(string.Join(", ", events.TierLines.Where(static l => l.StartsWith("texts", StringComparison.Ordinal))));
        print($"price/8 is now: {texts.Entries["price/8"].Value}");
    }

    private static bool TryParse(string text, [MaybeNullWhen(false)] out Price price)
    {
        price = text.Split(' ') is [{ } number, { } currency] && decimal.TryParse(number, CultureInfo.InvariantCulture, out decimal amount)
            ? new(amount, currency)
            : null;
        return price is not null;
    }

    private sealed record Price(decimal Amount, string Currency)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Amount} {Currency}");
    }
}
