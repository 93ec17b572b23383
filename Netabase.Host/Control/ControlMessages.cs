using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control;

/// <summary>The first frame of a connection.</summary>
/// <param name="Control">The version of the protocol.</param>
/// <param name="Netabase">The version of Netabase.</param>
/// <param name="Node">The node's name.</param>
internal sealed record ControlHello(int Control, string Netabase, string Node)
{
    /// <summary>The version that this code speaks.</summary>
    public const int Version = 1;
}

/// <summary>The one request of a connection.</summary>
/// <param name="Control">The version of the protocol.</param>
/// <param name="Op">Which operation.</param>
/// <param name="Args">Its arguments; an object of the operation's own form.</param>
internal sealed record ControlRequest(int Control, string Op, JsonElement Args);

/// <summary>An answer's frame: exactly one of the three is there, and the last two end the answer.</summary>
/// <param name="Item">One result of several.</param>
/// <param name="Done">The end, with what there is to say at it.</param>
/// <param name="Error">The end of an answer that failed.</param>
internal sealed record ControlAnswer(JsonElement? Item = null, JsonElement? Done = null, ControlError? Error = null);

/// <summary>Why there is no result.</summary>
/// <param name="Code">One of <see cref="ControlErrorCode"/>.</param>
/// <param name="Message">A sentence that says what to do about it.</param>
internal sealed record ControlError(string Code, string Message);

/// <summary>The codes of errors; a closed set.</summary>
internal static class ControlErrorCode
{
    public const string Busy = "busy";
    public const string Malformed = "malformed";
    public const string Unknown = "unknown";
    public const string Refused = "refused";
    public const string TimedOut = "timed-out";
    public const string Failed = "failed";
}

/// <summary>An answer that is an error: thrown by operations, and by the client that hears it.</summary>
internal sealed class ControlException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One of <see cref="ControlErrorCode"/>.</summary>
    public string Code { get; } = code;

    /// <summary>What the node refused, with the reason's name first: programs look for it, and people search for it.</summary>
    public static ControlException Refused(RefusalReason reason, string detail) => new(ControlErrorCode.Refused, $"{reason}: {detail}");
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ControlHello))]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlAnswer))]
internal sealed partial class ControlJson : JsonSerializerContext;
