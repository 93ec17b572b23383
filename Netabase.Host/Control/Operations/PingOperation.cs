using System.Text.Json;
using System.Text.Json.Serialization;
using Netabase.Multiformats;

namespace Netabase.Host.Control.Operations;

/// <summary>Whom to ping.</summary>
/// <param name="Address">A multiaddr; when it ends in a peer's id, only that peer will do.</param>
internal sealed record PingArgs(string Address);

/// <summary>An answered ping.</summary>
/// <param name="Peer">Who answered.</param>
/// <param name="RoundTripMs">Milliseconds from the sending to the echo; the dial is not counted.</param>
internal sealed record PingDone(string Peer, double RoundTripMs);

internal sealed class PingOperation() : ControlOperation<PingArgs, PingDone>("ping", PingJson.Default.PingArgs, PingJson.Default.PingDone)
{
    protected override Task<PingDone> RunAsync(PingArgs args, ControlCall call, CancellationToken cancellation) =>
        PingAsync(call.Node, args.Address, cancellation);

    internal static async Task<PingDone> PingAsync(INetabase node, string text, CancellationToken cancellation)
    {
        if (!Multiaddr.TryParse(text, out var address))
        {
            throw new ControlException(ControlErrorCode.Malformed, $"{text} is no multiaddr; one looks like /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW...");
        }

        return await node.PingAsync(address, cancellation).ConfigureAwait(false) switch
        {
            PingResult.Answered answered => new PingDone(answered.Peer.ToString(), answered.RoundTrip.TotalMilliseconds),
            PingResult.Failed failed => throw new ControlException(ControlErrorCode.Refused, failed.Detail),
            _ => throw new ControlException(ControlErrorCode.Failed, "The ping came to no result."),
        };
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PingArgs))]
[JsonSerializable(typeof(PingDone))]
internal sealed partial class PingJson : JsonSerializerContext;
