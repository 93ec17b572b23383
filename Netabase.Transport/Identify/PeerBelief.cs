using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;

namespace Netabase.Transport.Identify;

/// <summary>Files what a peer said about itself, as far as it can be believed, and tells what is new.</summary>
internal sealed class PeerBelief(SwarmContext context, ConnectionTable table, ObservedAddresses external)
{
    private readonly Lock _gate = new();

    /// <summary>Takes a message whose key was checked.</summary>
    /// <returns>Whether it confirmed an address of ours.</returns>
    public bool Take(ConnectionInfo connection, IdentifyMessage message, bool isPush)
    {
        var peer = connection.Peer;
        lock (_gate)
        {
            var before = context.Peers.Find(peer);
            TakeAddresses(connection, message);
            if (!message.Protocols.IsEmpty || message.AgentVersion is not null)
            {
                var protocols = message.Protocols.IsEmpty ? before?.Protocols ?? [] : message.Protocols;
                context.Peers.SetProtocols(peer, [.. protocols.Distinct()], message.AgentVersion);
            }

            Tell(peer, before, isPush);
        }

        return message.ObservedAddress is { } observed && external.Observe(connection, observed);
    }

    private void TakeAddresses(ConnectionInfo connection, IdentifyMessage message)
    {
        var peer = connection.Peer;
        if (message.SignedRecord is { } envelope && PeerRecord.TryOpen(envelope.Span, out var record) && record.Peer == peer)
        {
            var newer = context.Peers.TrySetRecord(peer, new SignedPeerRecord(record.Sequence, envelope));
            if (newer)
            {
                context.Peers.RemoveAddresses(peer, AddressSource.SignedRecord);
                context.Peers.RemoveAddresses(peer, AddressSource.Identify);
            }

            // The same record on a second connection prolongs what it said; an older one says nothing.
            if (newer || context.Peers.Find(peer)?.Record?.Sequence == record.Sequence)
            {
                context.Peers.AddAddresses(peer, Believable(connection, record.Addresses), PeerStore.Permanent, AddressSource.SignedRecord);
            }
        }
        else if (!message.Addresses.IsEmpty)
        {
            context.Peers.RemoveAddresses(peer, AddressSource.Identify);
            context.Peers.AddAddresses(peer, Believable(connection, message.Addresses), PeerStore.Permanent, AddressSource.Identify);
        }
    }

    /// <summary>Addresses of this peer, and nothing that would lead into our own machine when it came from another one.</summary>
    internal static IEnumerable<Multiaddr> Believable(ConnectionInfo connection, ImmutableArray<Multiaddr> addresses) =>
        ToldAddresses.Believable(ToldAddresses.IsOfOneMachine(connection.RemoteAddress), connection.Peer, addresses);

    private void Tell(PeerId peer, KnownPeer? before, bool isPush)
    {
        var now = context.Peers.Find(peer);
        if (now is null)
        {
            return;
        }

        var added = now.Protocols.Except(before?.Protocols ?? []).ToImmutableArray();
        var removed = (before?.Protocols ?? []).Except(now.Protocols).ToImmutableArray();
        var addresses = now.Addresses.Select(known => known.Address).ToImmutableArray();
        var moved = !addresses.SequenceEqual((before?.Addresses ?? []).Select(known => known.Address));
        if (!isPush || moved || added.Length + removed.Length > 0)
        {
            table.Tell(peer, new NetworkEvent.PeerIdentified(peer, addresses, now.Protocols, now.AgentVersion));
        }

        if (before is { Protocols.IsEmpty: false } && added.Length + removed.Length > 0)
        {
            table.Tell(peer, new NetworkEvent.PeerProtocolsChanged(peer, added, removed));
        }
    }
}
