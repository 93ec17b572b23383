using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>What to put.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">Its bytes; base64 in JSON.</param>
/// <param name="TtlMs">How long it lives, in milliseconds; null for the configured time.</param>
internal sealed record PutArgs(string Key, byte[] Value, long? TtlMs = null);

/// <summary>What became of a put.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Outcome"><c>replicated</c>: on enough peers; <c>stored-locally</c>: on this node alone, or on too few others.</param>
/// <param name="Replicas">Peers that hold it, this node not counted.</param>
/// <param name="Clock">When it was written, by the node's hybrid clock.</param>
/// <param name="Quorum">Peers wanted; null when enough were reached.</param>
/// <param name="ExpiresAt">Unix milliseconds at which it is gone; null for never.</param>
internal sealed record PutDone(string Key, string Outcome, int Replicas, string Clock, int? Quorum = null, long? ExpiresAt = null);

internal sealed class PutOperation() : ControlOperation<PutArgs, PutDone>("put", PutJson.Default.PutArgs, PutJson.Default.PutDone)
{
    protected override async Task<PutDone> RunAsync(PutArgs args, ControlCall call, CancellationToken cancellation)
    {
        var ttl = args.TtlMs is { } time ? TimeSpan.FromMilliseconds(time) : (TimeSpan?)null;
        var entry = new KeyValue.Entry { Name = args.Key, Value = new Payload(args.Value) };
        return await call.Node.PutRecordAsync(entry, ttl, cancellation).ConfigureAwait(false) switch
        {
            PutResult.Replicated put => Done(args, "replicated", put.Replicas, null, put.Metadata),
            PutResult.StoredLocally put => Done(args, "stored-locally", put.Replicas, put.Quorum, put.Metadata),
            PutResult.Stored put => Done(args, "stored-locally", 0, null, put.Metadata),
            PutResult.Refused refused => throw ControlException.Refused(refused.Reason, refused.Detail),
            PutResult.Busy => throw Outcomes.Busy(),
            _ => throw Outcomes.TimedOut("It may or may not have been written; get it to see."),
        };
    }

    private static PutDone Done(PutArgs args, string outcome, int replicas, int? quorum, RecordMetadata metadata) =>
        new(args.Key, outcome, replicas, metadata.Clock.ToString(), quorum, metadata.ExpiresAt);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PutArgs))]
[JsonSerializable(typeof(PutDone))]
internal sealed partial class PutJson : JsonSerializerContext;
