using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>How long to watch.</summary>
/// <param name="Count">Until so many events were sent; null until the client leaves.</param>
internal sealed record WatchArgs(long? Count = null);

/// <summary>The end of a watch.</summary>
/// <param name="Events">How many were sent.</param>
internal sealed record WatchDone(long Events);

internal sealed class WatchOperation() : ControlOperation<WatchArgs, WatchDone>("watch", WatchJson.Default.WatchArgs, WatchJson.Default.WatchDone)
{
    protected override async Task<WatchDone> RunAsync(WatchArgs args, ControlCall call, CancellationToken cancellation)
    {
        var subscription = call.Node.SubscribeToBroadcasts();
        await using var leaving = ((IAsyncDisposable)subscription).ConfigureAwait(false);
        var sent = 0L;

        // So that whoever acts next knows that what follows will be seen.
        await call.SendAsync(new EventItem("watching", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()), WatchJson.Default.EventItem).ConfigureAwait(false);
        await foreach (var happened in subscription.WithCancellation(cancellation).ConfigureAwait(false))
        {
            if (sent == args.Count)
            {
                break;
            }

            await call.SendAsync(EventItem.Of(happened), WatchJson.Default.EventItem).ConfigureAwait(false);
            if (++sent == args.Count)
            {
                break;
            }
        }

        return new WatchDone(sent);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(WatchArgs))]
[JsonSerializable(typeof(WatchDone))]
[JsonSerializable(typeof(EventItem))]
internal sealed partial class WatchJson : JsonSerializerContext;
