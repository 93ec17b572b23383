namespace Netabase.Protocol.Paxos;

/// <summary>What a voter hook says to a candidate.</summary>
public abstract record CandidateVerdict
{
    private CandidateVerdict()
    {
    }

    /// <summary>May lead; the bytes travel with the promise.</summary>
    public sealed record Yea(Payload Meta) : CandidateVerdict;

    /// <summary>No promise from here; the bytes travel with the refusal.</summary>
    public sealed record Abstain(Payload Meta) : CandidateVerdict;
}

/// <summary>What a voter hook says to a proposal.</summary>
public abstract record ProposalVerdict
{
    private ProposalVerdict()
    {
    }

    /// <summary>Good; the bytes travel with the acceptance.</summary>
    public sealed record Yea(Payload Meta) : ProposalVerdict;

    /// <summary>No vote from here; the bytes travel with the refusal.</summary>
    public sealed record Nay(Payload Meta) : ProposalVerdict;
}

/// <summary>
/// The application's say in a vote, for extensions such as leases of its own. It is asked by the acceptor, answers at once and
/// has no effect; withholding votes may cost progress, never safety.
/// </summary>
public interface IVoter
{
    /// <summary>A candidate wants a promise.</summary>
    CandidateVerdict OnCandidate(NodeId candidate, PaxosMessage.Prepare prepare);

    /// <summary>A leader wants votes.</summary>
    ProposalVerdict OnProposal(NodeId leader, Slot slot, Proposal proposal);
}

/// <summary>
/// Sending, in the words of the algorithm. <see cref="PaxosPort.Send"/> sorts a core's messages into these four and the rest.
/// </summary>
public interface IPaxosPort
{
    /// <summary>Phase 1a.</summary>
    void SendPrepare(NodeId to, PaxosMessage.Prepare prepare);

    /// <summary>Phase 2a.</summary>
    void SendProposal(NodeId to, PaxosMessage.Accept accept);

    /// <summary>What is chosen, whole.</summary>
    void SendCommit(NodeId to, PaxosMessage.Commit commit);

    /// <summary>What is chosen, by id, to who voted for it.</summary>
    void SendCommitById(NodeId to, PaxosMessage.CommitById commit);

    /// <summary>Every answer and everything around the four.</summary>
    void Send(NodeId to, PaxosMessage message);
}

/// <summary>Between a core's outgoing messages and a port.</summary>
public static class PaxosPort
{
    /// <summary>Sends by the right word.</summary>
    public static void Send(this IPaxosPort port, in Outgoing outgoing)
    {
        ArgumentNullException.ThrowIfNull(port);
        switch (outgoing.Message)
        {
            case PaxosMessage.Prepare prepare:
                port.SendPrepare(outgoing.To, prepare);
                break;
            case PaxosMessage.Accept accept:
                port.SendProposal(outgoing.To, accept);
                break;
            case PaxosMessage.Commit commit:
                port.SendCommit(outgoing.To, commit);
                break;
            case PaxosMessage.CommitById commit:
                port.SendCommitById(outgoing.To, commit);
                break;
            default:
                port.Send(outgoing.To, outgoing.Message);
                break;
        }
    }
}
