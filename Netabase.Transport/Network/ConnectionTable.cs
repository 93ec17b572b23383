using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Network;

/// <summary>The open connections by peer; the order of its changes is the order of the events told about them.</summary>
internal sealed class ConnectionTable(SwarmContext context)
{
    private static readonly TimeSpan RecentlyConnected = TimeSpan.FromMinutes(15);
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, List<SwarmConnection>> _byPeer = [];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Oldest first.</summary>
    public ImmutableArray<SwarmConnection> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _byPeer.Values.SelectMany(list => list).OrderBy(connection => connection.Info.Id.Value)];
            }
        }
    }

    public ImmutableArray<SwarmConnection> Of(PeerId peer)
    {
        lock (_gate)
        {
            return _byPeer.TryGetValue(peer, out var list) ? [.. list] : [];
        }
    }

    /// <summary>The connection that new streams should use, or null.</summary>
    public SwarmConnection? Best(PeerId peer)
    {
        lock (_gate)
        {
            if (!_byPeer.TryGetValue(peer, out var list))
            {
                return null;
            }

            SwarmConnection? fallback = null;
            foreach (var connection in list)
            {
                if (connection.IsClosing)
                {
                    continue;
                }

                if (!connection.IsSuperseded)
                {
                    return connection;
                }

                fallback = connection;
            }

            return fallback;
        }
    }

    public void Add(SwarmConnection connection)
    {
        var info = connection.Info;
        lock (_gate)
        {
            if (!_byPeer.TryGetValue(info.Peer, out var list))
            {
                _byPeer.Add(info.Peer, list = []);
                context.Peers.Pin(info.Peer);
            }

            Supersede(list, connection);
            list.Add(connection);
            _count++;
            context.Peers.SetKey(info.Peer, connection.RemoteKey);
            var opened = new NetworkEvent.ConnectionOpened(info);
            if (list.Count == 1)
            {
                context.Events.Publish(opened, new NetworkEvent.PeerConnected(info.Peer));
            }
            else
            {
                context.Events.Publish(opened);
            }
        }

        TransportTelemetry.ConnectionOpened(info);
        NetworkLog.Connected(context.Log, info.Peer, info.RemoteAddress, info.Direction, info.Security.Name, info.Muxer.Name);
    }

    public void Remove(SwarmConnection connection, ConnectionEnd end)
    {
        var info = connection.Info;
        var cause = connection.Cause;
        lock (_gate)
        {
            var list = _byPeer[info.Peer];
            list.Remove(connection);
            _count--;
            var closed = new NetworkEvent.ConnectionClosed(info, end.Error?.Error, cause);
            if (list.Count == 0)
            {
                _byPeer.Remove(info.Peer);
                context.Peers.Unpin(info.Peer, RecentlyConnected);
                context.Events.Publish(closed, new NetworkEvent.PeerDisconnected(info.Peer));
            }
            else
            {
                context.Events.Publish(closed);
                list[^1].IsSuperseded &= !list.TrueForAll(other => other.IsSuperseded);
            }
        }

        TransportTelemetry.ConnectionClosed(info, cause);
        NetworkLog.Disconnected(context.Log, info.Peer, cause, end.Error?.Message ?? "goodbye");
    }

    /// <summary>Tells what was learnt on a connection, unless its end has been told already.</summary>
    public void Tell(PeerId peer, NetworkEvent learnt)
    {
        lock (_gate)
        {
            if (_byPeer.ContainsKey(peer))
            {
                context.Events.Publish(learnt);
            }
        }
    }

    /// <summary>
    /// Both ends must keep the same one of two connections without talking about it: of two that crossed, the one whose
    /// dialer has the smaller peer id; of two in the same direction the newer, as the older may be dead at the other end.
    /// </summary>
    private void Supersede(List<SwarmConnection> held, SwarmConnection added)
    {
        foreach (var older in held)
        {
            if (older.IsSuperseded || older.IsClosing)
            {
                continue;
            }

            var keepOlder = older.Info.Direction != added.Info.Direction && DialerOf(older.Info) < DialerOf(added.Info);
            (keepOlder ? added : older).IsSuperseded = true;
        }
    }

    private Payload DialerOf(ConnectionInfo info) =>
        (info.Direction == Direction.Outbound ? context.LocalPeer : info.Peer).Multihash;
}
