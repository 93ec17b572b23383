using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>What to do through the log of the group that governs the built-in definition.</summary>
/// <param name="Key">The record's name.</param>
/// <param name="Value">Its bytes, base64 in JSON; null to remove it.</param>
/// <param name="Expected">The version that must be there, as <c>clock</c> of a get says it; <c>-</c> for none; null for whatever is there.</param>
/// <param name="Id">The operation's name, so that a retry has no second effect; null for a new one.</param>
internal sealed record CommitArgs(string Key, byte[]? Value = null, string? Expected = null, string? Id = null);

/// <summary>What became of it.</summary>
/// <param name="Outcome"><c>applied</c>, <c>not-committed</c> or <c>unknown</c>.</param>
/// <param name="Slot">Where in the log, when applied.</param>
/// <param name="Clock">The record's version, when one was put.</param>
/// <param name="Reason">Why not.</param>
/// <param name="Detail">The same for people.</param>
/// <param name="Id">What to try again with, when it is not known.</param>
internal sealed record CommitDone(string Outcome, ulong? Slot = null, string? Clock = null, string? Reason = null, string? Detail = null, string? Id = null)
{
    public static CommitDone Of(ConsensusResult result) => result switch
    {
        ConsensusResult.Applied applied => new("applied", applied.Slot, applied.Metadata?.Clock.ToString()),
        ConsensusResult.NotCommitted not => new("not-committed", Reason: not.Reason.ToString(), Detail: not.Detail),
        ConsensusResult.Unknown unknown => new("unknown", Id: unknown.Id.ToString()),
        ConsensusResult.Refused refused => throw ControlException.Refused(refused.Reason, refused.Detail),
        _ => throw Outcomes.Busy(),
    };

    public static OperationId? ReadId(string? text) => text is null ? null
        : Guid.TryParse(text, CultureInfo.InvariantCulture, out var id) && id.Version == 7 ? new OperationId(id)
        : throw new ControlException(ControlErrorCode.Malformed, $"{text} is no version 7 GUID, which an operation's name has to be.");
}

internal sealed class CommitOperation() : ControlOperation<CommitArgs, CommitDone>("commit", CommitJson.Default.CommitArgs, CommitJson.Default.CommitDone)
{
    protected override async Task<CommitDone> RunAsync(CommitArgs args, ControlCall call, CancellationToken cancellation)
    {
        var id = CommitDone.ReadId(args.Id);
        if (args.Value is not { } value)
        {
            return CommitDone.Of(await call.Node.RemoveRecordConsensusAsync(new KeyValue.Entry.Key(args.Key), id, cancellation).ConfigureAwait(false));
        }

        var entry = new KeyValue.Entry { Name = args.Key, Value = new Payload(value) };
        return CommitDone.Of(args.Expected is { } expected
            ? await call.Node.CompareAndSetConsensusAsync(entry, ReadVersion(expected), id, cancellation).ConfigureAwait(false)
            : await call.Node.PutRecordConsensusAsync(entry, id, cancellation).ConfigureAwait(false));
    }

    private static HybridTimestamp? ReadVersion(string text)
    {
        if (text == "-")
        {
            return null;
        }

        return text.Split('.') is [var milliseconds, var counter]
            && long.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && int.TryParse(counter, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && time <= HybridTimestamp.MillisecondsMax && count <= HybridTimestamp.CounterMax
            ? HybridTimestamp.Create(time, count)
            : throw new ControlException(ControlErrorCode.Malformed, $"{text} is no version: 'netabase get KEY --linearizable --json' tells one as clock, and - means that there is no record.");
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CommitArgs))]
[JsonSerializable(typeof(CommitDone))]
internal sealed partial class CommitJson : JsonSerializerContext;
