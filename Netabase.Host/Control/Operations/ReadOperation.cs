using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>What to read, and how new it must be.</summary>
/// <param name="Key">The record's name.</param>
/// <param name="StaleMs">How many milliseconds old it may be; null for linearizable.</param>
internal sealed record ReadArgs(string Key, long? StaleMs = null);

internal sealed class ReadOperation() : ControlOperation<ReadArgs, GetDone>("read", ReadJson.Default.ReadArgs, GetJson.Default.GetDone)
{
    protected override async Task<GetDone> RunAsync(ReadArgs args, ControlCall call, CancellationToken cancellation)
    {
        var consistency = args.StaleMs is { } stale ? new Consistency.Stale(TimeSpan.FromMilliseconds(stale)) : Consistency.Linearizably;
        return await call.Node.GetRecordAsync(new KeyValue.Entry.Key(args.Key), consistency, cancellation).ConfigureAwait(false) switch
        {
            GetResult<KeyValue.Entry>.TimedOut => throw Outcomes.TimedOut("Nobody could vouch for the state; a majority of the members may be away."),
            var result => GetOperation.Done(args.Key, result),
        };
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ReadArgs))]
internal sealed partial class ReadJson : JsonSerializerContext;
