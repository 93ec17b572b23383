using System.Globalization;
using Netabase.Multiformats;

namespace Netabase.Host.Control.Operations;

/// <summary>An event as text: a name, and details that differ by it.</summary>
/// <param name="Event">Its name, such as <c>record-stored</c>.</param>
/// <param name="At">Unix milliseconds.</param>
/// <param name="Key">The record it is about: the name for one of the built-in definition, else definition, tag and key.</param>
/// <param name="Peer">The peer it is about.</param>
/// <param name="Address">The address it is about.</param>
/// <param name="Detail">More, for people.</param>
/// <param name="Count">How many, where the name says of what.</param>
internal sealed record EventItem(
    string Event, long At, string? Key = null, string? Peer = null, string? Address = null, string? Detail = null, long? Count = null)
{
    /// <summary>The event as text; an event that this code does not know keeps its type's name.</summary>
    public static EventItem Of(NetabaseEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        var item = new EventItem(NameOf(happened), happened.At);
        return happened switch
        {
            StoreEvent stored => Of(item, stored),
            PeerEvent peer => Of(item, peer),
            RoutingEvent.RoutingUpdated route => item with { Peer = route.Peer.ToString(), Detail = route.IsIn ? "in" : "out", Count = route.Peers },
            RoutingEvent.ModeChanged mode => item with { Detail = mode.Mode.ToString().ToLowerInvariant() },
            QueryEvent query => Of(item, query),
            Lagged lagged => item with { Count = lagged.Missed },
            _ => item with { Detail = happened.ToString() },
        };
    }

    private static EventItem Of(EventItem item, StoreEvent happened) => happened switch
    {
        StoreEvent.RecordStored stored => item with { Key = Name(stored.Key.Bytes), Detail = stored.Replaced ? "replaced" : "new", Peer = stored.Metadata.Publisher?.ToString() },
        StoreEvent.RecordRemoved removed => item with { Key = Name(removed.Key.Bytes) },
        StoreEvent.ModelCleared cleared => item with { Key = Model(cleared.Definition, cleared.Tag), Count = cleared.Records },
        StoreEvent.RecordsExpired expired => item with { Key = Model(expired.Definition, expired.Tag), Count = expired.Records },
        StoreEvent.StoreDamaged damaged => item with { Key = Model(damaged.Definition, damaged.Tag), Detail = damaged.Detail },
        _ => item with { Detail = happened.ToString() },
    };

    private static EventItem Of(EventItem item, PeerEvent happened) => happened switch
    {
        PeerEvent.Discovered found => item with { Peer = found.Peer.ToString(), Address = First(found.Addresses) },
        PeerEvent.Expired gone => item with { Peer = gone.Peer.ToString() },
        PeerEvent.Connected up => item with { Peer = up.Peer.ToString(), Address = up.Address.ToString(), Detail = up.IsOutbound ? "out" : "in" },
        PeerEvent.Disconnected down => item with { Peer = down.Peer.ToString() },
        PeerEvent.Identified known => item with { Peer = known.Peer.ToString(), Address = First(known.Addresses), Detail = known.AgentVersion },
        PeerEvent.DialFailed failed => item with { Peer = failed.Peer?.ToString(), Detail = failed.Detail },
        PeerEvent.ListeningOn listening => item with { Address = listening.Address.ToString() },
        PeerEvent.ListeningEnded ended => item with { Address = ended.Address.ToString() },
        PeerEvent.ExternalAddressConfirmed confirmed => item with { Address = confirmed.Address.ToString() },
        PeerEvent.ExternalAddressExpired expired => item with { Address = expired.Address.ToString() },
        _ => item with { Detail = happened.ToString() },
    };

    private static EventItem Of(EventItem item, QueryEvent happened) => happened switch
    {
        QueryEvent.InboundRequest asked => item with { Peer = asked.Peer.ToString(), Detail = asked.Kind.ToString() },
        QueryEvent.QueryProgressed on => item with { Peer = on.Peer.ToString(), Detail = $"{on.Kind} {on.Query} {(on.IsAnswer ? "answered" : "failed")}", Count = on.Answered },
        QueryEvent.QueryFinished over => item with { Detail = $"{over.Kind} {over.Query} {(over.Succeeded ? "succeeded" : "failed")} after {over.Elapsed.TotalMilliseconds:0} ms", Count = over.Answered },
        QueryEvent.RecordReplicated placed => item with { Key = Name(placed.Key), Count = placed.Replicas },
        QueryEvent.ProviderAdded provider => item with { Key = Name(provider.Key), Peer = provider.Provider.ToString() },
        _ => item with { Detail = happened.ToString() },
    };

    /// <summary>The type's name in lower case with hyphens.</summary>
    private static string NameOf(NetabaseEvent happened) => string.Concat(
        happened.GetType().Name.Select((c, place) => char.IsUpper(c) ? $"{(place > 0 ? "-" : string.Empty)}{char.ToLowerInvariant(c)}" : c.ToString()));

    private static string Name(Payload key)
    {
        if (!RecordKey.TryParse(key.Span, out var record, out var definition, out _, out var primary))
        {
            return Convert.ToHexStringLower(key.Span);
        }

        return definition == "kv" && Outcomes.Text(primary) is { } name ? name : record.ToString();
    }

    private static string Model(string definition, ushort tag) => string.Create(CultureInfo.InvariantCulture, $"{definition}/{tag}");

    private static string? First(IReadOnlyList<Multiaddr> addresses) => addresses.Count > 0 ? addresses[0].ToString() : null;
}
