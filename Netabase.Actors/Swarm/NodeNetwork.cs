using System.Collections.Immutable;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using Netabase.Actors.Kademlia;
using Netabase.Actors.Node;
using Netabase.Actors.Paxos.Groups;
using Netabase.Actors.Paxos.Links;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Transport;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;
using Netabase.Transport.RequestResponse;

namespace Netabase.Actors.Swarm;

/// <summary>
/// The network of one run of a node, with all that has to outlive its actors: what waits for them, the routing table, what is
/// provided and held for others. The peer network is made at the first start and stays until the run ends.
/// </summary>
internal sealed class NodeNetwork : IAsyncDisposable
{
    private const int SwarmCommandsMax = 64;
    private const string NotStarted = "The swarm is not started; StartSwarmAsync joins the network.";

    // What others tell of a peer is believed for as long as it takes to reach it.
    private static readonly TimeSpan ToldAddressLife = TimeSpan.FromMinutes(10);

    private readonly NodeParts _parts;
    private readonly NetworkFactory _factory;
    private readonly ILoggerFactory _loggers;
    private readonly RequestSettings _requests;
    private readonly DhtProtocol _dht;
    private readonly OperationsUnderWay _operations = new();
    private readonly KademliaPeer _self;
    private readonly Lock _modeGate = new();
    private BuiltNetwork? _built;
    private RequestClient<KademliaRequest, DhtReply>? _client;
    private volatile IActorRef? _bridge;
    private volatile bool _isUp;
    private volatile NetworkMode _chosenMode;
    private bool _isServing;
    private bool _isCounted;

    public NodeNetwork(NodeParts parts, PrivateKey identity, NodeSetup setup)
    {
        _parts = parts;
        _factory = setup.Network;
        _loggers = setup.Loggers;
        Identity = identity;
        LocalPeer = identity.PublicKey.PeerId;
        _self = KademliaPeer.Of(LocalPeer, []);
        var settings = parts.Settings.Kademlia;
        _dht = new DhtProtocol(settings);
        SwarmLane = new CommandLane(SwarmCommandsMax);
        QueryLane = new CommandLane(settings.QueueMax);
        QueryLane.Refuse(RefusalReason.NotRunning, NotStarted);
        Routes = new RoutingBook(parts, LocalPeer);
        Records = new RecordGate(parts, identity, setup.Validators);
        Upkeep = new UpkeepBook(parts, Routes);
        Gate = new InboundGate(parts, this);
        _chosenMode = parts.Settings.Network.Mode;
        _requests = new RequestSettings
        {
            Timeout = settings.RequestTimeout,
            Attempts = 1,
            ParallelPerPeer = settings.RequestsPerPeer,
            QueuePerPeer = settings.QueueMax,
        };
    }

    public PrivateKey Identity { get; }

    public PeerId LocalPeer { get; }

    /// <summary>The DHT's protocol.</summary>
    public ProtocolId DhtName => _dht.Wire.Id;

    /// <summary>This node, as it is told to others.</summary>
    public KademliaPeer Self => _self with { Addresses = Peers?.AnnouncedAddresses ?? [] };

    public CommandLane SwarmLane { get; }

    /// <summary>What waits for the DHT; refuses while the swarm is stopped.</summary>
    public CommandLane QueryLane { get; }

    public RoutingBook Routes { get; }

    public RecordGate Records { get; }

    public UpkeepBook Upkeep { get; }

    public InboundGate Gate { get; }

    /// <summary>The bridge that is there, or null while it is away.</summary>
    public IActorRef? Bridge
    {
        get => _bridge;
        set => _bridge = value;
    }

    /// <summary>Whether the swarm was started and not stopped since.</summary>
    public bool IsUp => _isUp;

    /// <summary>The peer network, once the swarm was started for the first time.</summary>
    public IPeerNetwork? Peers => _built?.Network;

    /// <summary>The peer network.</summary>
    /// <exception cref="InvalidOperationException">The swarm was never started.</exception>
    public IPeerNetwork Network => Peers ?? throw new InvalidOperationException(NotStarted);

    /// <summary>What the application or the operator chose.</summary>
    public NetworkMode ChosenMode
    {
        get => _chosenMode;
        set => _chosenMode = value;
    }

    /// <summary>What that comes to now.</summary>
    public NetworkMode Mode => _chosenMode switch
    {
        NetworkMode.Automatic => Peers is { ExternalAddresses.IsEmpty: false } ? NetworkMode.Server : NetworkMode.Client,
        var chosen => chosen,
    };

    /// <summary>Starts the peer network. One that an earlier attempt has started already is as good.</summary>
    public async Task StartAsync()
    {
        Build();
        ApplyMode();
        if (!_isCounted)
        {
            // Before anybody is answered: what lies here since before has its place in the limits.
            await Task.Run(() => Records.Recount(Upkeep)).ConfigureAwait(false);
            _isCounted = true;
        }

        if (!Network.IsRunning)
        {
            using var deadline = new CancellationTokenSource(_parts.Settings.StopTimeout, _parts.Time);
            await Network.StartAsync(deadline.Token).ConfigureAwait(false);
        }

        _isUp = true;
        _operations.Open();
        QueryLane.Open();
    }

    /// <summary>Begins an operation that a stop of the swarm is to wait for.</summary>
    /// <returns>What ends it when disposed; null while the swarm is stopped or stopping.</returns>
    public IDisposable? TryEnter() => _operations.TryEnter();

    /// <summary>Refuses new operations, lets those under way end, says goodbye to everybody; cuts off what takes longer.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        using var enough = new CancellationTokenSource(patience, _parts.Time);
        try
        {
            await _operations.CloseAsync().WaitAsync(enough.Token).ConfigureAwait(false);
            QueryLane.Refuse(RefusalReason.NotRunning, "The swarm is stopping.");
            await QueryLane.Idle.WaitAsync(enough.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            QueryLane.Close(RefusalReason.NotRunning, "The swarm was stopped before the query ended.");
        }

        _isUp = false;
        if (Peers is { } network)
        {
            await network.StopAsync(enough.Token).ConfigureAwait(false);
        }

        QueryLane.Refuse(RefusalReason.NotRunning, NotStarted);
    }

    /// <summary>Remembers where a peer can be reached, for as long as the run lasts, also from before the first start.</summary>
    public void Remember(PeerId peer, Multiaddr address)
    {
        if (Peers is { } network)
        {
            network.Peers.AddAddresses(peer, [address], PeerStore.Permanent, AddressSource.Configured);
        }
    }

    /// <summary>Forgets that.</summary>
    public void Forget(PeerId peer, Multiaddr address) => Peers?.Peers.RemoveAddress(peer, address);

    /// <summary>A peer with what is known of its addresses, which may be nothing.</summary>
    public KademliaPeer Known(PeerId peer) => Routes.Find(peer)
        ?? KademliaPeer.Of(peer, [.. Network.Peers.Addresses(peer).Select(known => known.Address)]);

    /// <summary>A bridge ends; a younger one stays.</summary>
    public void LeaveBridge(IActorRef bridge) => Interlocked.CompareExchange(ref _bridge, null, bridge);

    /// <summary>A connection to a peer, dialed where there is none.</summary>
    public async Task ConnectAsync(PeerId peer, ImmutableArray<Multiaddr> addresses, TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(2 * timeout, _parts.Time);
        await Network.ConnectAsync(peer, addresses, deadline.Token).ConfigureAwait(false);
    }

    /// <summary>A request of the DHT and its answer; the record in it was judged by nobody yet.</summary>
    /// <exception cref="TransportException">No answer.</exception>
    public async Task<KademliaAnswer> ExchangeAsync(KademliaPeer to, KademliaRequest request)
    {
        if (_client is not { } client)
        {
            throw new TransportException(TransportError.Stopped, NotStarted);
        }

        if (!to.Addresses.IsEmpty)
        {
            Network.Peers.AddAddresses(to.Id, to.Addresses, ToldAddressLife, AddressSource.Routing);
        }

        if (request is KademliaRequest.AddProvider)
        {
            await client.TellAsync(to.Id, request).ConfigureAwait(false);
            return KademliaAnswer.Peers([]);
        }

        var reply = await client.SendAsync(to.Id, request).ConfigureAwait(false);
        var answer = _dht.Read(request, reply);
        return answer with { Closer = Believed(to.Id, answer.Closer), Providers = Believed(to.Id, answer.Providers) };
    }

    /// <summary>What a peer tells of itself, by an announcement, without addresses that would lead others or us astray.</summary>
    public KademliaRequest Believed(PeerId from, KademliaRequest request) => request is KademliaRequest.AddProvider announcement
        ? announcement with { Providers = Believed(from, announcement.Providers) }
        : request;

    /// <summary>Whether a failure means that the peer is not there or no server, rather than that it refused or is busy.</summary>
    public static bool IsGone(Exception failure) => failure is TransportException
    {
        Error: not (TransportError.LimitReached or TransportError.Stopped or TransportError.StreamReset),
    };

    /// <summary>Answers the DHT's protocol, or no longer, as the mode says; peers are told by Identify.</summary>
    public void ApplyMode()
    {
        lock (_modeGate)
        {
            if (Peers is not { } network)
            {
                return;
            }

            var serves = Mode == NetworkMode.Server;
            if (serves == _isServing)
            {
                return;
            }

            _isServing = serves;
            Gate.IsServing = serves;
            if (serves)
            {
                var settings = _parts.Settings.Kademlia;
                network.Serve(
                    _dht.Wire,
                    Gate.ServeAsync,
                    new StreamLimits(StreamLimits.Default.Total, settings.ServedPerPeer),
                    _requests,
                    _parts.Time);
            }
            else
            {
                network.Unhandle(DhtName);
            }

            RolesLog.ModeChanged(_parts.Loggers.CreateLogger("Netabase.Swarm"), serves ? NetworkMode.Server : NetworkMode.Client);
            _parts.Announcer.Announce(new RoutingEvent.ModeChanged(serves ? NetworkMode.Server : NetworkMode.Client) { At = _parts.Now() });
        }
    }

    /// <summary>Ends everything; the run is over.</summary>
    public async ValueTask DisposeAsync()
    {
        _isUp = false;
        SwarmLane.Close(RefusalReason.NotRunning, "The node is stopping.");
        QueryLane.Close(RefusalReason.NotRunning, "The node is stopping.");
        if (_client is { } client)
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }

        if (_built is { } built)
        {
            await built.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ImmutableArray<KademliaPeer> Believed(PeerId teller, ImmutableArray<KademliaPeer> told)
    {
        var isHere = told.Any(peer => peer.Addresses.Any(ToldAddresses.IsOfOneMachine)) && IsHere(teller);
        return ImmutableArray.CreateRange(told, static (peer, isHere) => peer with { Addresses = ToldAddresses.Believable(isHere, peer.Id, peer.Addresses) }, isHere);
    }

    /// <summary>Whether a peer is on this machine: an address of it says so, or its connection, which costs more to look for.</summary>
    private bool IsHere(PeerId peer) =>
        Network.Peers.Addresses(peer).Any(known => ToldAddresses.IsOfOneMachine(known.Address))
        || Network.Connections.Any(connection => connection.Info.Peer == peer && ToldAddresses.IsOfOneMachine(connection.Info.RemoteAddress));

    /// <summary>Lets these groups meet their members over this network, whenever it is started.</summary>
    public void Meet(ImmutableArray<PaxosGroup> groups)
    {
        if (!groups.IsEmpty)
        {
            Build();
            var door = new LinkDoor(Network, groups.Max(group => group.Settings.Links.HelloTimeout), _parts.Time);
            foreach (var group in groups)
            {
                group.Join(Network, door);
            }
        }
    }

    private void Build()
    {
        if (_built is not null)
        {
            return;
        }

        var built = _factory(new NetworkPlan(Identity, _parts.Settings.Network, _parts.Time, _loggers));
        _client = new RequestClient<KademliaRequest, DhtReply>(
            built.Network, _dht.Wire, _requests, _parts.Time);
        _built = built;
    }
}
