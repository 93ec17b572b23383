namespace Netabase.Protocol.Paxos;

/// <summary>The unbroken run of one leader's votes.</summary>
internal struct AcceptorTerm
{
    /// <summary>The leader's ballot.</summary>
    public Ballot Ballot;

    /// <summary>The first slot it proposed in that ballot.</summary>
    public Slot Base;

    /// <summary>The last slot of the run.</summary>
    public Slot Through;

    /// <summary>The last of the run in the write under way.</summary>
    public Slot Writing;

    /// <summary>The last of the run on disk.</summary>
    public Slot Saved;

    /// <summary>A slot known to be chosen counts as voted for: whatever leader asks, it asks for the value chosen.</summary>
    public void Extend(AcceptorLog log, Slot chosenThrough)
    {
        Through = Slot.Max(Through, chosenThrough);
        while (log[Through.Next] is { } vote && vote.Ballot == Ballot)
        {
            Through = Through.Next;
        }
    }
}
