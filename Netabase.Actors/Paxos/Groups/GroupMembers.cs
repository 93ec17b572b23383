using System.Collections.Frozen;
using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Groups;

/// <summary>Who is spoken with, as the log says up to some slot: from a life to the peer that lives it.</summary>
internal sealed class GroupMembers
{
    private readonly FrozenDictionary<NodeId, PeerId> _peers;

    public GroupMembers(Membership membership, Slot chosenThrough)
    {
        Membership = membership;
        var peers = new Dictionary<NodeId, PeerId>();
        foreach (var member in membership.MembersFrom(chosenThrough.Next))
        {
            if (PeerId.TryFromBytes(member.Peer.Span, out var peer))
            {
                peers[member.Node] = peer;
            }
        }

        _peers = peers.ToFrozenDictionary();
        Peers = [.. peers.Values.Distinct()];
    }

    public Membership Membership { get; }

    public ConfigId Config => Membership.Newest.Id;

    public ImmutableArray<PeerId> Peers { get; }

    public PeerId? PeerOf(NodeId node) => _peers.TryGetValue(node, out var peer) ? peer : null;
}
