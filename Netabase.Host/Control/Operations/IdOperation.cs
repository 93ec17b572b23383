using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>Who a node is.</summary>
/// <param name="Addresses">Where it can be reached, each with its id; empty while the swarm is stopped.</param>
/// <param name="Protocols">Every protocol it answers.</param>
/// <param name="Peer">Its id; null for a node without a network.</param>
/// <param name="Mode"><c>server</c> or <c>client</c>; null for a node without a network.</param>
internal sealed record IdDone(string[] Addresses, string[] Protocols, string? Peer = null, string? Mode = null);

internal sealed class IdOperation() : ControlOperation<Nothing, IdDone>("id", SharedJson.Default.Nothing, IdJson.Default.IdDone)
{
    protected override async Task<IdDone> RunAsync(Nothing args, ControlCall call, CancellationToken cancellation)
    {
        if (call.Node.LocalPeer is not { } peer)
        {
            return new IdDone([], []);
        }

        var addresses = await call.Node.GetListenAddressesAsync(cancellation).ConfigureAwait(false);
        var mode = await call.Node.GetModeAsync(cancellation).ConfigureAwait(false);
        var protocols = await call.Node.GetProtocolNamesAsync(cancellation).ConfigureAwait(false);
        return new IdDone([.. addresses.Select(address => address.ToString())], [.. protocols], peer.ToString(), mode.ToString().ToLowerInvariant());
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(IdDone))]
internal sealed partial class IdJson : JsonSerializerContext;
