using System.Text.Json;
using System.Text.Json.Serialization;
using Netabase.Multiformats;

namespace Netabase.Host.Control.Operations;

/// <summary>Whom to take out of the routing table.</summary>
/// <param name="Peer">Its id.</param>
internal sealed record ForgetArgs(string Peer);

/// <summary>What became of it.</summary>
/// <param name="Peer">Its id.</param>
/// <param name="Existed">Whether it was in the table.</param>
internal sealed record ForgetDone(string Peer, bool Existed);

internal sealed class ForgetOperation() : ControlOperation<ForgetArgs, ForgetDone>("forget", ForgetJson.Default.ForgetArgs, ForgetJson.Default.ForgetDone)
{
    protected override async Task<ForgetDone> RunAsync(ForgetArgs args, ControlCall call, CancellationToken cancellation) =>
        PeerId.TryParse(args.Peer, out var peer)
            ? new ForgetDone(peer.ToString(), await call.Node.RemovePeerAsync(peer, cancellation).ConfigureAwait(false))
            : throw new ControlException(ControlErrorCode.Malformed, $"{args.Peer} is no peer id; 'netabase routes' shows those there are.");
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ForgetArgs))]
[JsonSerializable(typeof(ForgetDone))]
internal sealed partial class ForgetJson : JsonSerializerContext;
