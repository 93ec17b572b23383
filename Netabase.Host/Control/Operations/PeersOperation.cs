using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>A connected peer.</summary>
/// <param name="Peer">Who.</param>
/// <param name="Addresses">The other ends of its connections.</param>
/// <param name="Direction"><c>out</c> when this node dialed, <c>in</c> when the peer did.</param>
/// <param name="ConnectedMs">For how long, in milliseconds.</param>
/// <param name="Agent">Its software; null until it has said.</param>
internal sealed record PeerItem(string Peer, string[] Addresses, string Direction, long ConnectedMs, string? Agent = null);

/// <summary>The end of a list of peers.</summary>
/// <param name="Peers">How many were sent.</param>
internal sealed record PeersDone(int Peers);

internal sealed class PeersOperation() : ControlOperation<Nothing, PeersDone>("peers", SharedJson.Default.Nothing, PeersJson.Default.PeersDone)
{
    protected override async Task<PeersDone> RunAsync(Nothing args, ControlCall call, CancellationToken cancellation)
    {
        var peers = await call.Node.GetPeersAsync(cancellation).ConfigureAwait(false);
        foreach (var peer in peers)
        {
            var item = new PeerItem(
                peer.Peer.ToString(),
                [.. peer.Addresses.Select(address => address.ToString())],
                peer.IsOutbound ? "out" : "in",
                (long)peer.ConnectedFor.TotalMilliseconds,
                peer.AgentVersion);
            await call.SendAsync(item, PeersJson.Default.PeerItem).ConfigureAwait(false);
        }

        return new PeersDone(peers.Length);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PeerItem))]
[JsonSerializable(typeof(PeersDone))]
internal sealed partial class PeersJson : JsonSerializerContext;
