using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>What to provide.</summary>
/// <param name="Key">The record's name.</param>
/// <param name="Stop">Whether to provide it no longer.</param>
internal sealed record ProvideArgs(string Key, bool Stop = false);

/// <summary>What became of it.</summary>
/// <param name="Key">The record's name.</param>
/// <param name="Outcome"><c>announced</c>, <c>too-few</c> (announced to fewer peers than wanted, and again later), <c>stopped</c> or <c>not-provided</c>.</param>
/// <param name="Peers">Peers that hold the announcement.</param>
internal sealed record ProvideDone(string Key, string Outcome, int? Peers = null);

internal sealed class ProvideOperation() : ControlOperation<ProvideArgs, ProvideDone>("provide", ProvideJson.Default.ProvideArgs, ProvideJson.Default.ProvideDone)
{
    protected override async Task<ProvideDone> RunAsync(ProvideArgs args, ControlCall call, CancellationToken cancellation)
    {
        var key = new KeyValue.Entry.Key(args.Key);
        if (args.Stop)
        {
            return new ProvideDone(args.Key, await call.Node.StopProvidingAsync(key, cancellation).ConfigureAwait(false) ? "stopped" : "not-provided");
        }

        return await call.Node.StartProvidingAsync(key, cancellation).ConfigureAwait(false) switch
        {
            ProvideResult.Announced announced => new ProvideDone(args.Key, "announced", announced.Peers),
            ProvideResult.TooFew few => new ProvideDone(args.Key, "too-few", few.Peers),
            ProvideResult.Refused refused => throw ControlException.Refused(refused.Reason, refused.Detail),
            _ => throw Outcomes.Busy(),
        };
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ProvideArgs))]
[JsonSerializable(typeof(ProvideDone))]
internal sealed partial class ProvideJson : JsonSerializerContext;
