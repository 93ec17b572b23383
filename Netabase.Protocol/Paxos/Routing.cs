namespace Netabase.Protocol.Paxos;

/// <summary>Which part of a node a message is for.</summary>
public static class Routing
{
    /// <summary>The part that takes this message.</summary>
    public static Part PartOf(PaxosMessage message) => message switch
    {
        PaxosMessage.Prepare or PaxosMessage.Accept or PaxosMessage.Pulse => Part.Acceptor,
        PaxosMessage.Promise or PaxosMessage.Accepted or PaxosMessage.Pulsed or PaxosMessage.Nack => Part.Proposer,
        PaxosMessage.Commit or PaxosMessage.CommitById => Part.Learner,
        PaxosMessage.Heartbeat or PaxosMessage.HeartbeatAnswer or PaxosMessage.TimeoutNow => Part.Elector,
        PaxosMessage.Forward or PaxosMessage.ForwardAnswer or PaxosMessage.ReadIndex or PaxosMessage.ReadIndexAnswer or PaxosMessage.MakeWay => Part.Gateway,
        _ => Part.CatchUp,
    };

    /// <summary>Why an envelope is dropped, or null when it is for this node. What it says is judged by the part that takes it.</summary>
    /// <param name="envelope">As it came; the network has checked that the sender is the peer of a member, or of one to be.</param>
    /// <param name="group">The group of this node.</param>
    /// <param name="self">This disk's life.</param>
    public static string? Refusal(Envelope envelope, GroupId group, NodeId self)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return envelope.Group != group ? "it is for another group"
            : envelope.To != self ? "it is for another life of this disk"
            : null;
    }
}
