using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>What became of a removal.</summary>
/// <param name="Key">The record's name.</param>
/// <param name="Existed">Whether it was there.</param>
internal sealed record RemoveDone(string Key, bool Existed);

internal sealed class RemoveOperation() : ControlOperation<KeyArgs, RemoveDone>("remove", SharedJson.Default.KeyArgs, RemoveJson.Default.RemoveDone)
{
    protected override async Task<RemoveDone> RunAsync(KeyArgs args, ControlCall call, CancellationToken cancellation) =>
        await call.Node.RemoveRecordAsync(args.Record, cancellation).ConfigureAwait(false) switch
        {
            RemoveResult.Removed removed => new RemoveDone(args.Key, removed.Existed),
            RemoveResult.Refused refused => throw ControlException.Refused(refused.Reason, refused.Detail),
            RemoveResult.Busy => throw Outcomes.Busy(),
            _ => throw Outcomes.TimedOut("It may or may not have been removed; get it to see."),
        };
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RemoveDone))]
internal sealed partial class RemoveJson : JsonSerializerContext;
