using Netabase.Multiformats;

namespace Netabase.Transport.Network;

/// <summary>Counts connections against their limits, and asks the access rules, at each point where more is known.</summary>
internal sealed class ConnectionGate(ConnectionLimits limits, AccessRules rules)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, int> _perPeer = [];
    private readonly Dictionary<Payload, int> _perGroup = [];
    private int _inbound;
    private int _outbound;
    private int _pendingInbound;
    private int _unidentifiedInbound;

    /// <summary>Everything counted now; all zero once every ticket is back.</summary>
    public (int Inbound, int Outbound, int PendingInbound, int Unidentified, int Peers, int Groups) Counted
    {
        get
        {
            lock (_gate)
            {
                return (_inbound, _outbound, _pendingInbound, _unidentifiedInbound, _perPeer.Count, _perGroup.Count);
            }
        }
    }

    /// <summary>An inbound connection of which only the address is known; null with the reason when it is refused.</summary>
    public ConnectionTicket? TryEnterInbound(Multiaddr remote, out TransportError refusal)
    {
        if (!rules.Admits(remote))
        {
            refusal = TransportError.Denied;
            return null;
        }

        refusal = TransportError.LimitReached;
        Payload? group = limits.ExemptLoopback && AddressScope.ReachOf(remote) == AddressReach.Machine
            ? null
            : AddressScope.GroupOf(remote);
        lock (_gate)
        {
            if (_inbound + _outbound >= limits.Total
                || _inbound >= limits.Inbound
                || _pendingInbound >= limits.PendingInbound
                || _unidentifiedInbound >= limits.UnidentifiedInbound
                || (group is { } counted && !TryCount(_perGroup, counted, limits.PerIp)))
            {
                return null;
            }

            _inbound++;
            _pendingInbound++;
            return new ConnectionTicket(this, Direction.Inbound, group);
        }
    }

    /// <summary>A dial that is about to start; null when a limit refuses it.</summary>
    public ConnectionTicket? TryEnterOutbound()
    {
        lock (_gate)
        {
            if (_inbound + _outbound >= limits.Total || _outbound >= limits.Outbound)
            {
                return null;
            }

            _outbound++;
            return new ConnectionTicket(this, Direction.Outbound, null);
        }
    }

    internal TransportError? Bind(ConnectionTicket ticket, PeerId peer)
    {
        if (!rules.Admits(peer))
        {
            return TransportError.Denied;
        }

        lock (_gate)
        {
            if (!TryCount(_perPeer, peer, limits.PerPeer))
            {
                return TransportError.LimitReached;
            }

            ticket.Peer = peer;
            if (ticket.IsPending)
            {
                ticket.IsPending = false;
                _pendingInbound--;
                ticket.IsUnidentified = true;
                _unidentifiedInbound++;
            }

            return null;
        }
    }

    internal void Identified(ConnectionTicket ticket)
    {
        lock (_gate)
        {
            if (ticket.IsUnidentified)
            {
                ticket.IsUnidentified = false;
                _unidentifiedInbound--;
            }
        }
    }

    internal void Leave(ConnectionTicket ticket)
    {
        Identified(ticket);
        lock (_gate)
        {
            _ = ticket.Direction == Direction.Inbound ? _inbound-- : _outbound--;
            if (ticket.IsPending)
            {
                ticket.IsPending = false;
                _pendingInbound--;
            }

            if (ticket.Group is { } group)
            {
                Uncount(_perGroup, group);
            }

            if (ticket.Peer is { } peer)
            {
                Uncount(_perPeer, peer);
            }
        }
    }

    private static bool TryCount<TKey>(Dictionary<TKey, int> counts, TKey key, int limit)
        where TKey : notnull
    {
        var held = counts.GetValueOrDefault(key);
        if (held >= limit)
        {
            return false;
        }

        counts[key] = held + 1;
        return true;
    }

    private static void Uncount<TKey>(Dictionary<TKey, int> counts, TKey key)
        where TKey : notnull
    {
        if (--counts[key] == 0)
        {
            counts.Remove(key);
        }
    }
}

/// <summary>One connection's place in the counts; given back once, when nothing of the connection is left.</summary>
internal sealed class ConnectionTicket(ConnectionGate gate, Direction direction, Payload? group) : IDisposable
{
    private int _left;

    public Direction Direction { get; } = direction;

    public Payload? Group { get; } = group;

    public PeerId? Peer { get; set; }

    public bool IsPending { get; set; } = direction == Direction.Inbound;

    public bool IsUnidentified { get; set; }

    /// <summary>The handshake is over; tells why the peer is not admitted, or null.</summary>
    public TransportError? Bind(PeerId peer) => gate.Bind(this, peer);

    public void Identified() => gate.Identified(this);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            gate.Leave(this);
        }
    }
}
