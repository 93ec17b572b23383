using Netabase.Actors.Paxos.Links;
using Netabase.Actors.Paxos.Parts;
using Netabase.Actors.Paxos.Wire;
using Netabase.Multiformats;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Groups;

/// <summary>
/// A group's port to the other members, and from them: envelopes around messages. What comes in is for this group and this life, of
/// the peer that its sender's life belongs to, or it is refused and counted.
/// </summary>
internal sealed class GroupWire(GroupId group, BatchPacking packing, Func<NodeId> self, Func<GroupMembers> members) : IPaxosPort
{
    private volatile MemberLinks? _links;
    private volatile GroupParts? _parts;

    /// <summary>The streams, once the network is there.</summary>
    public MemberLinks? Links
    {
        get => _links;
        set => _links = value;
    }

    /// <summary>Who takes what comes in; null while nobody does.</summary>
    public GroupParts? Parts
    {
        get => _parts;
        set => _parts = value;
    }

    public void SendPrepare(NodeId to, PaxosMessage.Prepare prepare) => Send(to, prepare);

    public void SendProposal(NodeId to, PaxosMessage.Accept accept) => Send(to, accept);

    public void SendCommit(NodeId to, PaxosMessage.Commit commit) => Send(to, commit);

    public void SendCommitById(NodeId to, PaxosMessage.CommitById commit) => Send(to, commit);

    public void Send(NodeId to, PaxosMessage message)
    {
        var known = members();
        if (_links is not { } links || known.PeerOf(to) is not { } peer)
        {
            PaxosMetrics.Lost(1);
            return;
        }

        var writer = new WireWriter(stackalloc byte[512]);
        MessageWriter.Write(ref writer, new Envelope(group, known.Config, self(), to, message), packing);
        links.TrySend(peer, LaneOf(message), writer.Written);
        writer.Dispose();
    }

    /// <summary>Takes a frame of a member.</summary>
    public ValueTask ReceiveAsync(PeerId from, LinkLane lane, ReadOnlyMemory<byte> frame)
    {
        Envelope envelope;
        try
        {
            envelope = MessageReader.Read(frame.Span, group, packing);
        }
        catch (RecordFormatException)
        {
            PaxosMetrics.Refused("malformed");
            return ValueTask.CompletedTask;
        }

        if (_parts is not { } parts)
        {
            return ValueTask.CompletedTask;
        }

        if (Routing.Refusal(envelope, group, self()) is not null)
        {
            PaxosMetrics.Refused("another-life");
            return ValueTask.CompletedTask;
        }

        if (members().PeerOf(envelope.From) != from)
        {
            PaxosMetrics.Refused("not-its-peer");
            return ValueTask.CompletedTask;
        }

        return parts.HandAsync(Routing.PartOf(envelope.Message), new PaxosInput.Received(envelope.From, envelope.Message));
    }

    private static LinkLane LaneOf(PaxosMessage message) =>
        message is PaxosMessage.Commit or PaxosMessage.SnapshotChunk ? LinkLane.Bulk : LinkLane.Votes;
}
