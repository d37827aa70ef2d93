using Microsoft.Extensions.Configuration;

namespace CachetTests;

/// <summary>Sections of a configuration, under the path <c>Cachet:products</c>.</summary>
internal static class Sections
{
    public const string Path = "Cachet:products";

    public static IConfigurationSection Products(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create(s.Key.Length == 0 ? Path : $"{Path}:{s.Key}", s.Value)))
            .Build()
            .GetSection(Path);

    public static IConfigurationSection FromJson(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json))).Build().GetSection(Path);
}
