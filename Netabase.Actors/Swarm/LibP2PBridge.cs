using Akka.Actor;
using Netabase.Actors.Node;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Transport.Network;
using static Netabase.Actors.Swarm.BridgeProtocol;

namespace Netabase.Actors.Swarm;

/// <summary>
/// Translates between the network and the actors, both ways: events become messages to the roles and to the audience, requests
/// of the DHT become exchanges on streams, and their ends come back as messages. What peers ask of us does not pass
/// here: it is served on the network's own threads (<see cref="Kademlia.InboundGate"/>).
/// </summary>
internal sealed class LibP2PBridge : ReceiveActor
{
    private const int EventsMax = 4096;

    private readonly NodeParts _parts;
    private readonly NodeNetwork _network;
    private readonly HashSet<PeerId> _connected = [];
    private NetworkSubscription? _subscription;

    public LibP2PBridge(NodeParts parts)
    {
        _parts = parts;
        _network = parts.Network!;
        Receive<Send>(OnSend);
        Receive<Happened>(happened => OnHappened(happened.Event));
        Receive<BridgeProtocol.LookAgain>(_ => LookAgain());
        Receive<EventsEnded>(_ => Context.Stop(Self));
    }

    public static Props Props(NodeParts parts) => Akka.Actor.Props.Create(() => new LibP2PBridge(parts));

    protected override void PreStart()
    {
        _subscription = _network.Network.Subscribe(EventsMax);
        foreach (var address in _network.Network.ListenAddresses)
        {
            Announce(new NetworkEvent.Listening(address));
        }

        _network.Bridge = Self;
        LookAgain();
        Listen();
        Kademlia().Tell(new BridgeIsUp(Self));
    }

    protected override void PostStop()
    {
        _network.LeaveBridge(Self);
        _subscription?.Dispose();
    }

    private static ActorSelection Kademlia() => Context.ActorSelection($"../../{ActorNames.Kademlia}");

    private void Listen() => _subscription!.ReadAsync().AsTask().PipeTo(
        Self, Self, happened => happened is null ? EventsEnded.Instance : new Happened(happened), _ => EventsEnded.Instance);

    private void OnSend(Send send)
    {
        var asked = Sender;
        _network.ExchangeAsync(send.To, send.Request).PipeTo(
            asked,
            Self,
            answer => new Answered(send.Query, send.To, answer),
            failure => new Failed(send.Query, send.To, NodeNetwork.IsGone(failure)));
    }

    private void OnHappened(NetworkEvent happened)
    {
        switch (happened)
        {
            case NetworkEvent.PeerIdentified identified:
                Met(identified.Peer);
                break;
            case NetworkEvent.PeerProtocolsChanged changed:
                Met(changed.Peer);
                break;
            case NetworkEvent.PeerConnected connected when !_connected.Add(connected.Peer):
                // It was met before its event was read.
                Listen();
                return;
            case NetworkEvent.PeerDisconnected gone:
                _connected.Remove(gone.Peer);
                Context.Parent.Tell(new SwarmProtocol.PeerLost(gone.Peer));
                break;
            case NetworkEvent.ExternalAddressConfirmed or NetworkEvent.ExternalAddressExpired:
                Context.Parent.Tell(SwarmProtocol.ExternalAddressesChanged.Instance);
                break;
            case NetworkEvent.Lagged:
                LookAgain();
                break;
        }

        Announce(happened);
        Listen();
    }

    /// <summary>Says again what may have been missed: who is connected and what they answer.</summary>
    private void LookAgain()
    {
        foreach (var connection in _network.Network.Connections)
        {
            if (_connected.Add(connection.Info.Peer))
            {
                Announce(new NetworkEvent.PeerConnected(connection.Info.Peer));
            }

            if (connection.Identified)
            {
                Met(connection.Info.Peer);
            }
        }
    }

    /// <summary>A peer has said what it answers and where: only servers get a place in the routing table.</summary>
    private void Met(PeerId peer)
    {
        if (_network.Network.Peers.Find(peer) is not { } known)
        {
            return;
        }

        Kademlia().Tell(known.Protocols.Contains(_network.DhtName)
            ? new ServerFound(KademliaPeer.Of(peer, [.. known.Addresses.Select(address => address.Address)]))
            : new ServerLost(peer));
    }

    private void Announce(NetworkEvent happened)
    {
        if (_parts.Announcer.HasAudience && PeerEvents.Of(happened, _network, _parts.Now()) is { } told)
        {
            _parts.Announcer.Announce(told);
        }
    }
}
