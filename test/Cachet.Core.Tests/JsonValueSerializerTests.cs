using System.Buffers;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Cachet;

namespace CachetTests;

public class JsonValueSerializerTests
{
    [Test]
    public void Serialize_TheOptionsSayHow_IsWrittenSo()
    {
        Assert.That(Written<int[]>([1], null), Is.EqualTo("[1]"));
        Assert.That(Written<int[]>([1], new() { WriteIndented = true }), Does.Contain("\n"));
        Assert.That(Written("é", new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), Is.EqualTo("\"é\""));
        Assert.That(() => Written<int[][]>([[1]], new() { MaxDepth = 1 }), Throws.InvalidOperationException.Or.InstanceOf<JsonException>());
    }

    [Test]
    public void Deserialize_TheOptionsAllowIt_IsRead()
    {
        Assert.That(Read<int[]>("[1,]", new() { AllowTrailingCommas = true }), Is.EqualTo(new[] { 1 }));
        Assert.That(Read<int[]>("/* one */[1]// after", new() { ReadCommentHandling = JsonCommentHandling.Skip }), Is.EqualTo(new[] { 1 }));
    }

    [TestCase("[1,]")]
    [TestCase("/* one */[1]")]
    [TestCase("[1][2]")]
    [TestCase("[1")]
    [TestCase("")]
    public void Deserialize_NotOneStrictValue_Throws(string json) =>
        Assert.That(() => Read<int[]>(json, null), Throws.InstanceOf<JsonException>());

    [Test]
    public void Deserialize_WrittenByDefault_KeepsFieldsAndWhatIsNoNumber()
    {
        (double, string) value = (double.NegativeInfinity, "b");

        Assert.That(Read<(double, string)>(Written(value, null), null), Is.EqualTo(value));
    }

    [Test]
    public void Serialize_HalfASurrogatePair_IsRefusedBeforeAnythingIsWritten()
    {
        var target = new ArrayBufferWriter<byte>();
        JsonValueSerializer<string> serializer = JsonValueSerializer<string>.Create(null, "The tier");

        // Not test cases: what stands in an attribute is UTF-8, which has no such halves.
        foreach (string text in new[] { "\ud800", "a\udc00", "\udc00\ud800", "fine\ud83d\ude00, then half \ud83d" })
        {
            Assert.That(() => serializer.Serialize(text, target), Throws.TypeOf<NotSupportedException>().With.Message.Contains("Serializer"));
            Assert.That(target.WrittenCount, Is.Zero);
        }
    }

    [Test]
    public void Serialize_WholeSurrogatePairs_ComeBack() =>
        Assert.That(Read<string>(Written("a\ud83d\ude00b\ud83d\ude01", null), null), Is.EqualTo("a\ud83d\ude00b\ud83d\ude01"));

    [Test]
    public void Create_TypesThatJsonWritesAsNothing_AreRefused()
    {
        using (Assert.EnterMultipleScope())
        {
            AssertRefused<object>();
            AssertRefused<Action>();
            AssertRefused<Func<int>>();
            AssertRefused<Type>();
            AssertRefused<MethodInfo>();
            AssertRefused<nint>();
            AssertRefused<nuint>();
            AssertRefused<Shape>();
            AssertRefused<IFormattable>();
        }

        static void AssertRefused<TValue>() => Assert.That(
            static () => JsonValueSerializer<TValue>.Create(null, "The tier 'l2'"),
            Throws.InvalidOperationException.With.Message.StartsWith("The tier 'l2' cannot").And.Message.Contains(typeof(TValue).ToString())
                .And.Message.EndsWith("or its Serializer."));
    }

    [Test]
    public void Create_TheApplicationsOptionsKnowTheType_IsNotRefused()
    {
        var options = new JsonSerializerOptions { Converters = { new AsNumber() } };

        Assert.That(Read<object>(Written<object>(7, options), options), Is.EqualTo(7));
        Assert.That(Read<Animal>(Written<Animal>(new Dog(3), null), null), Is.EqualTo(new Dog(3)));
    }

    [Test]
    public void Create_OptionsWithoutAResolver_AreNotChanged()
    {
        var options = new JsonSerializerOptions();

        JsonValueSerializer<int>.Create(options, "The tier");

        Assert.That(options.TypeInfoResolver, Is.Null);
        Assert.That(options.IsReadOnly, Is.False);
    }

    [Test]
    public void Create_TheResolverDoesNotKnowTheType_SaysSo()
    {
        var options = new JsonSerializerOptions { TypeInfoResolver = JsonTypeInfoResolver.Combine() };

        Assert.That(
            () => JsonValueSerializer<int>.Create(options, "The tier"),
            Throws.InvalidOperationException.With.Message.Contains("there is no JsonTypeInfo for it").And.InnerException.Not.Null);
    }

    private static string Written<TValue>(TValue value, JsonSerializerOptions? options)
    {
        var target = new ArrayBufferWriter<byte>();
        JsonValueSerializer<TValue>.Create(options, "The tier").Serialize(value, target);
        return Encoding.UTF8.GetString(target.WrittenSpan);
    }

    private static TValue Read<TValue>(string json, JsonSerializerOptions? options) =>
        JsonValueSerializer<TValue>.Create(options, "The tier").Deserialize(new(Encoding.UTF8.GetBytes(json)));

    private abstract record Shape;

    [JsonDerivedType(typeof(Dog), "dog")]
    private abstract record Animal;

    private sealed record Dog(int Age) : Animal;

    private sealed class AsNumber : JsonConverter<object>
    {
        public override object Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetInt32();

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options) => writer.WriteNumberValue((int)value);
    }
}
