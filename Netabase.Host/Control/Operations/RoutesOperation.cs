using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>A peer of the routing table.</summary>
/// <param name="Peer">Who.</param>
/// <param name="Bucket">How many leading bits its place shares with the node's.</param>
/// <param name="Addresses">How to reach it, best first.</param>
internal sealed record RouteItem(string Peer, int Bucket, string[] Addresses);

/// <summary>The end of the routing table.</summary>
/// <param name="Peers">How many were sent.</param>
internal sealed record RoutesDone(int Peers);

internal sealed class RoutesOperation() : ControlOperation<Nothing, RoutesDone>("routes", SharedJson.Default.Nothing, RoutesJson.Default.RoutesDone)
{
    protected override async Task<RoutesDone> RunAsync(Nothing args, ControlCall call, CancellationToken cancellation)
    {
        var routes = await call.Node.GetRoutesAsync(cancellation).ConfigureAwait(false);
        foreach (var route in routes)
        {
            var item = new RouteItem(route.Peer.ToString(), route.Bucket, [.. route.Addresses.Select(address => address.ToString())]);
            await call.SendAsync(item, RoutesJson.Default.RouteItem).ConfigureAwait(false);
        }

        return new RoutesDone(routes.Length);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RouteItem))]
[JsonSerializable(typeof(RoutesDone))]
internal sealed partial class RoutesJson : JsonSerializerContext;
