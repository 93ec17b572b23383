namespace Netabase.Protocol.Paxos;

/// <summary>
/// What the algorithm makes impossible has happened: a broken disk, a forged message, or a mistake of ours. The node that finds
/// it stops rather than spread it; its owner does not restart it without looking.
/// </summary>
public sealed class PaxosInvariantException : Exception
{
    /// <summary>With the sentence that does not hold any more.</summary>
    public PaxosInvariantException(string message)
        : base(message)
    {
    }

    /// <summary>Throws unless the statement holds.</summary>
    internal static void Demand(bool holds, string statement)
    {
        if (!holds)
        {
            throw new PaxosInvariantException(statement);
        }
    }
}
