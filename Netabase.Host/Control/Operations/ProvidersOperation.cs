using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>Who provides a record.</summary>
/// <param name="Key">The record's name.</param>
/// <param name="Providers">Their ids, in the order found.</param>
/// <param name="PeersAsked">How many peers answered.</param>
/// <param name="Complete">False when the deadline ended the search.</param>
internal sealed record ProvidersDone(string Key, string[] Providers, int PeersAsked, bool Complete);

internal sealed class ProvidersOperation() : ControlOperation<KeyArgs, ProvidersDone>("providers", SharedJson.Default.KeyArgs, ProvidersJson.Default.ProvidersDone)
{
    protected override async Task<ProvidersDone> RunAsync(KeyArgs args, ControlCall call, CancellationToken cancellation)
    {
        var found = await call.Node.GetProvidersAsync(args.Record, cancellation).ConfigureAwait(false);
        return new ProvidersDone(args.Key, [.. found.Providers.Select(peer => peer.ToString())], found.PeersAsked, found.IsComplete);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ProvidersDone))]
internal sealed partial class ProvidersJson : JsonSerializerContext;
