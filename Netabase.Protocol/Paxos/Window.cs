namespace Netabase.Protocol.Paxos;

/// <summary>The rounds of one ballot whose votes are out: proposed in slot order without a gap, chosen in slot order too.</summary>
internal sealed class Window
{
    private readonly SlotRing<Batch> _rounds = new(new Slot(1));

    /// <summary>Nothing proposed yet.</summary>
    /// <param name="chosenThrough">How far the log is chosen.</param>
    /// <param name="membership">Who governs after it.</param>
    public Window(Slot chosenThrough, Membership membership)
    {
        Membership = membership;
        Restart(chosenThrough);
    }

    /// <summary>The first slot proposed in this ballot, or to be.</summary>
    public Slot Base { get; private set; }

    /// <summary>The next slot to propose in.</summary>
    public Slot Next { get; private set; }

    /// <summary>Everything up to here is chosen; what was proposed in this ballot, with its values.</summary>
    public Slot ChosenThrough { get; private set; }

    /// <summary>Who governs, as far as the chosen prefix says.</summary>
    public Membership Membership { get; private set; }

    /// <summary>Rounds under way.</summary>
    public int Count => (int)(Next.Since(ChosenThrough) - 1);

    /// <summary>Bytes of the rounds under way.</summary>
    public long Bytes { get; private set; }

    /// <summary>The batch of a round under way, or null.</summary>
    public Batch? this[Slot slot] => slot > ChosenThrough ? _rounds[slot] : null;

    /// <summary>Every configuration that governs a slot not known to be chosen.</summary>
    public ReadOnlySpan<Configuration> Governing => Membership.GoverningFrom(ChosenThrough.Next);

    /// <summary>Whether alpha has room for another round.</summary>
    public bool HasRoom => Next.Since(ChosenThrough) <= Membership.WindowAt(ChosenThrough);

    /// <summary>Begins a round in the next slot.</summary>
    public void Propose(Batch batch)
    {
        PaxosInvariantException.Demand(HasRoom, "nobody proposes further than alpha beyond what is chosen");
        _rounds.Set(Next, batch);
        Bytes += batch.Bytes.Length;
        Next = Next.Next;
    }

    /// <summary>Counts the votes: each slot in the configuration that governs it.</summary>
    /// <param name="acknowledged">How far the unbroken run of each node's votes reaches.</param>
    /// <param name="chosen">Told each batch that is chosen now.</param>
    public void CountVotes(Func<NodeId, Slot> acknowledged, Action<Batch> chosen)
    {
        while (ChosenThrough.Next < Next)
        {
            var slot = ChosenThrough.Next;
            var reached = Slot.Min(Quorum.Reached(Membership.At(slot), acknowledged), Membership.LastGovernedWith(slot));
            reached = Slot.Min(reached, Next.Previous);
            if (reached < slot)
            {
                return;
            }

            // A change that takes hold on the way may end what this configuration governs: then the rest is counted anew.
            var taken = false;
            while (!taken && ChosenThrough < reached)
            {
                taken = Choose(chosen);
            }
        }
    }

    /// <summary>The learner knows more: by catching up, or since others chose.</summary>
    /// <returns>Whether it was more, and beyond what was proposed here: then this ballot begins anew after it.</returns>
    public bool Learn(Slot chosenThrough, Membership membership, Action<Batch> chosen)
    {
        if (chosenThrough <= ChosenThrough)
        {
            return false;
        }

        while (ChosenThrough < chosenThrough && ChosenThrough.Next < Next)
        {
            Choose(chosen);
        }

        Membership = membership;
        if (chosenThrough < Next)
        {
            return false;
        }

        Restart(chosenThrough);
        return true;
    }

    private bool Choose(Action<Batch> chosen)
    {
        var slot = ChosenThrough.Next;
        var batch = _rounds[slot]!;
        Membership = Membership.After(slot, batch, out var taken);
        Bytes -= batch.Bytes.Length;
        ChosenThrough = slot;
        _rounds.DropBefore(slot.Next);
        chosen(batch);
        return taken;
    }

    private void Restart(Slot chosenThrough)
    {
        _rounds.Clear(chosenThrough.Next);
        ChosenThrough = chosenThrough;
        Base = chosenThrough.Next;
        Next = Base;
        Bytes = 0;
    }
}
