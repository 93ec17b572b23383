using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>What several operations say.</summary>
internal static class Outcomes
{
    private static readonly UTF8Encoding Strict = new(false, true);

    public static ControlException Busy() => new(ControlErrorCode.Busy, "Too much is waiting at the node already; try again later.");

    public static ControlException TimedOut(string next) => new(ControlErrorCode.TimedOut, $"There was no answer in time. {next}");

    /// <summary>The bytes as text, or null when they are not UTF-8.</summary>
    public static string? Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}

/// <summary>A record of the built-in definition.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">Its bytes; base64 in JSON.</param>
/// <param name="Text">Its bytes as text; null when they are not UTF-8.</param>
internal sealed record EntryItem(string Key, byte[] Value, string? Text = null)
{
    public static EntryItem Of(KeyValue.Entry entry) => new(entry.Name, entry.Value.Memory.ToArray(), Outcomes.Text(entry.Value.Span));
}

/// <summary>Names one record.</summary>
/// <param name="Key">Its name.</param>
internal sealed record KeyArgs(string Key)
{
    [JsonIgnore]
    public KeyValue.Entry.Key Record => new(Key);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(KeyArgs))]
[JsonSerializable(typeof(Nothing))]
internal sealed partial class SharedJson : JsonSerializerContext;
