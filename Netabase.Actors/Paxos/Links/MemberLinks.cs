using System.Collections.Frozen;
using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Network;

namespace Netabase.Actors.Paxos.Links;

/// <summary>A member as the network knows it.</summary>
/// <param name="Peer">Who it proves to be.</param>
/// <param name="Addresses">Where to look for it, beside what the network knows itself.</param>
internal sealed record LinkMember(PeerId Peer, ImmutableArray<Multiaddr> Addresses);

/// <summary>Takes what a member said; the next frame of that stream is read once it has completed, so that a slow reader is felt by the sender.</summary>
/// <param name="from">The member, as its connection proved.</param>
/// <param name="lane">Which of its streams.</param>
/// <param name="frame">Valid during the call.</param>
internal delegate ValueTask LinkReceiver(PeerId from, LinkLane lane, ReadOnlyMemory<byte> frame);

/// <summary>The streams of one group to its other members: two for each pair, opened by the one of the smaller peer id, again and again until the group ends.</summary>
internal sealed class MemberLinks : IAsyncDisposable
{
    private readonly IPeerNetwork _network;
    private readonly LinkDoor _door;
    private readonly LinkSettings _settings;
    private readonly LinkReceiver _receive;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private volatile FrozenDictionary<PeerId, (MemberLink Votes, MemberLink Bulk)> _links = FrozenDictionary<PeerId, (MemberLink, MemberLink)>.Empty;

    public MemberLinks(IPeerNetwork network, LinkDoor door, string group, LinkSettings settings, LinkReceiver receive, TimeProvider time)
    {
        _network = network;
        _door = door;
        _settings = settings;
        _receive = receive;
        _time = time;
        Group = group;
        door.Open(this);
    }

    public string Group { get; }

    private string Tag => $"paxos/{Group}";

    /// <summary>Whether a stream to the member is open.</summary>
    public bool IsConnected(PeerId peer) => _links.TryGetValue(peer, out var pair) && pair.Votes.IsOpen;

    /// <summary>Queues a copy of a frame for a member.</summary>
    /// <returns>False when it is lost: the member is not connected, not a member, or takes too little.</returns>
    public bool TrySend(PeerId to, LinkLane lane, ReadOnlySpan<byte> frame)
    {
        var isSent = _links.TryGetValue(to, out var pair) && (lane == LinkLane.Votes ? pair.Votes : pair.Bulk).TrySend(frame);
        if (!isSent)
        {
            PaxosMetrics.Lost(1);
        }

        return isSent;
    }

    /// <summary>Keeps streams to these members, ourselves left out, and ends those to all others.</summary>
    public void SetMembers(IReadOnlyCollection<LinkMember> members)
    {
        List<MemberLink> ended = [];
        lock (_gate)
        {
            var wanted = members.Where(member => member.Peer != _network.LocalPeer).DistinctBy(member => member.Peer).ToDictionary(member => member.Peer);
            var next = new Dictionary<PeerId, (MemberLink, MemberLink)>();
            foreach (var (peer, pair) in _links)
            {
                if (wanted.Remove(peer))
                {
                    next[peer] = pair;
                }
                else
                {
                    ended.AddRange([pair.Votes, pair.Bulk]);
                    _network.Unprotect(peer, Tag);
                }
            }

            foreach (var member in wanted.Values)
            {
                _network.Protect(member.Peer, Tag);
                next[member.Peer] = (Link(member, LinkLane.Votes), Link(member, LinkLane.Bulk));
            }

            _links = next.ToFrozenDictionary();
        }

        foreach (var link in ended)
        {
            _ = link.DisposeAsync().AsTask();
        }
    }

    /// <summary>Serves a stream that a peer opened, until it ends; a peer that is no member is refused.</summary>
    public async Task AcceptAsync(IPeerStream stream, LinkLane lane, CancellationToken cancellation)
    {
        if (!_links.TryGetValue(stream.Peer, out var pair))
        {
            PaxosMetrics.Refused("not-a-member");
            return;
        }

        await (lane == LinkLane.Votes ? pair.Votes : pair.Bulk).AcceptAsync(stream, cancellation).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _door.Shut(this);
        var links = _links;
        SetMembers([]);
        foreach (var (votes, bulk) in links.Values)
        {
            await votes.DisposeAsync().ConfigureAwait(false);
            await bulk.DisposeAsync().ConfigureAwait(false);
        }
    }

    private MemberLink Link(LinkMember member, LinkLane lane)
    {
        var link = new MemberLink(_network, Group, member, lane, _settings, _receive, _time);
        link.Begin();
        return link;
    }
}
