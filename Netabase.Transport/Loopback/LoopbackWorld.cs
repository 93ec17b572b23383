using Netabase.Multiformats;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;

namespace Netabase.Transport.Loopback;

/// <summary>
/// A network in memory, for specs and simulations: real swarms whose connections pass through this object, which delays,
/// loses, reorders and cuts them by seed and by command, in the time of its <see cref="TimeProvider"/>.
/// </summary>
public sealed class LoopbackWorld : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(PeerId From, PeerId To), LoopbackLink> _links = [];
    private readonly Dictionary<Multiaddr, LoopbackListener> _listeners = [];
    private readonly HashSet<LoopbackConnection> _connections = [];
    private readonly LoopbackSchedule _schedule;
    private readonly ulong _seed;
    private LinkFaults _defaults = LinkFaults.None;

    /// <summary>An empty world.</summary>
    /// <param name="seed">What all chance follows from.</param>
    /// <param name="time">The clock of all delays; the swarms that join use it too.</param>
    public LoopbackWorld(ulong seed = 1, TimeProvider? time = null)
    {
        _seed = seed;
        Time = time ?? TimeProvider.System;
        _schedule = new LoopbackSchedule(Time);
    }

    /// <summary>The clock of this world.</summary>
    public TimeProvider Time { get; }

    /// <summary>How long a connection over a cut lives before both ends give it up.</summary>
    public TimeSpan ConnectionTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Open connections, each counted once per end.</summary>
    public int ConnectionEnds
    {
        get
        {
            lock (_gate)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>The address at which a peer of this world listens.</summary>
    public static Multiaddr AddressOf(PeerId peer) => Multiaddr.Memory(peer.ToString());

    /// <summary>Puts a swarm into this world, listening at <see cref="AddressOf"/> once it is started.</summary>
    /// <param name="identity">Who it is.</param>
    /// <param name="configure">Changes to the options; connectors, listen addresses and clock are set before.</param>
    public Swarm Join(PrivateKey identity, Func<PeerNetworkOptions, PeerNetworkOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(identity);
        var options = new PeerNetworkOptions
        {
            Identity = identity,
            Connectors = [new LoopbackConnector(this, identity.PublicKey)],
            ListenAddresses = [AddressOf(identity.PublicKey.PeerId)],
            Time = Time,
        };
        return Swarm.Create(configure is null ? options : configure(options));
    }

    /// <summary>Sets the faults of every direction that has none of its own.</summary>
    public void SetFaults(LinkFaults faults)
    {
        lock (_gate)
        {
            _defaults = faults;
            foreach (var link in _links.Values)
            {
                link.Faults = faults;
            }
        }
    }

    /// <summary>Sets the faults of one direction.</summary>
    public void SetFaults(PeerId from, PeerId to, LinkFaults faults) => Link(from, to).Faults = faults;

    /// <summary>Cuts both directions: nothing arrives, nobody is told, until <see cref="Heal"/> or the connections time out.</summary>
    public void Cut(PeerId left, PeerId right)
    {
        CutOneWay(left, right);
        CutOneWay(right, left);
    }

    /// <summary>Cuts one direction only.</summary>
    public void CutOneWay(PeerId from, PeerId to)
    {
        var link = Link(from, to);
        link.Cut();
        var number = link.CutNumber;
        _schedule.Post(_schedule.After(ConnectionTimeout), () => GiveUp(link, number));
        _schedule.Arm();
    }

    /// <summary>Mends both directions; what was held back arrives.</summary>
    public void Heal(PeerId left, PeerId right)
    {
        Link(left, right).Heal();
        Link(right, left).Heal();
    }

    /// <summary>Mends every cut.</summary>
    public void HealAll()
    {
        List<LoopbackLink> links;
        lock (_gate)
        {
            links = [.. _links.Values];
        }

        links.ForEach(link => link.Heal());
    }

    /// <summary>Ends every delay; what is under way never arrives.</summary>
    public void Dispose() => _schedule.Dispose();

    internal LoopbackLink Link(PeerId from, PeerId to)
    {
        lock (_gate)
        {
            if (!_links.TryGetValue((from, to), out var link))
            {
                link = new LoopbackLink(_schedule, _seed ^ Digest(from) ^ (Digest(to) * 3)) { Faults = _defaults };
                _links.Add((from, to), link);
            }

            return link;
        }
    }

    internal bool TryAdd(LoopbackListener listener)
    {
        lock (_gate)
        {
            return _listeners.TryAdd(listener.Address, listener);
        }
    }

    internal void Remove(LoopbackListener listener)
    {
        lock (_gate)
        {
            _listeners.Remove(listener.Address);
        }
    }

    internal LoopbackListener? Find(Multiaddr address)
    {
        lock (_gate)
        {
            return _listeners.GetValueOrDefault(address);
        }
    }

    internal void Opened(LoopbackConnection connection)
    {
        lock (_gate)
        {
            _connections.Add(connection);
        }
    }

    internal void Closed(LoopbackConnection connection)
    {
        lock (_gate)
        {
            _connections.Remove(connection);
        }
    }

    /// <summary>What a keep-alive would find out on both ends.</summary>
    private void GiveUp(LoopbackLink link, int number)
    {
        if (!link.IsCut || link.CutNumber != number)
        {
            return;
        }

        List<LoopbackConnection> crossing;
        lock (_gate)
        {
            crossing = [.. _connections.Where(connection => connection.Uses(link))];
        }

        foreach (var connection in crossing)
        {
            connection.End(new TransportException(TransportError.TimedOut, "The peer did not answer any more."));
        }
    }

    /// <summary>FNV-1a: the same in every process, unlike a hash code.</summary>
    private static ulong Digest(PeerId peer)
    {
        var digest = 14695981039346656037UL;
        foreach (var part in peer.Multihash.Span)
        {
            digest = (digest ^ part) * 1099511628211UL;
        }

        return digest;
    }
}
