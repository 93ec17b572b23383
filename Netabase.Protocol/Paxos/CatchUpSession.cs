namespace Netabase.Protocol.Paxos;

/// <summary>
/// One member being brought up to date: chunks under way within a window that its own acknowledgements open, or a snapshot it fetches
/// piece by piece. Silence makes the window small and the patience longer, and ends the session at last.
/// </summary>
internal sealed class CatchUpSession(NodeId node, Slot known, PaxosSettings settings, long now)
{
    private const int TriesMax = 12;

    private readonly Queue<Slot> _underWay = new();
    private int _tries;

    /// <summary>Who.</summary>
    public NodeId Node { get; } = node;

    /// <summary>Everything up to here is known there.</summary>
    public Slot Known { get; private set; } = known;

    /// <summary>The next slot to send.</summary>
    public Slot Next { get; private set; } = known.Next;

    /// <summary>The snapshot it has been offered, or null.</summary>
    public SnapshotInfo? Offered { get; set; }

    /// <summary>Pieces of the snapshot being read for it.</summary>
    public int Reading { get; set; }

    /// <summary>When patience ends.</summary>
    public long At { get; private set; } = now + settings.ResendAfter;

    /// <summary>Whether it has been silent for so long that it is given up; it will say what it lacks when it comes back.</summary>
    public bool IsOver => _tries > TriesMax;

    /// <summary>Whether another chunk may leave, and of how many slots at most.</summary>
    public long Room =>
        _underWay.Count >= (_tries > 0 ? 1 : settings.ChunksInFlight) ? 0
        : Math.Min(Known.Plus(CatchUp.Credit(settings)).Next.Since(Next), (CatchUp.Credit(settings) / 2) + 1);

    /// <summary>A chunk has left.</summary>
    public void Sent(int slots)
    {
        Next = Next.Plus(slots);
        _underWay.Enqueue(Next.Previous);
    }

    /// <summary>It knows more.</summary>
    public void Caught(Slot through, long at)
    {
        if (through < Known)
        {
            return;
        }

        if (through > Known)
        {
            Alive(at);
        }

        Known = through;
        Next = Slot.Max(Next, through.Next);
        while (_underWay.TryPeek(out var chunk) && chunk <= through)
        {
            _underWay.Dequeue();
        }
    }

    /// <summary>It has shown that it is there.</summary>
    public void Alive(long at)
    {
        _tries = 0;
        At = at + settings.ResendAfter;
    }

    /// <summary>Patience has ended: begin again where its knowledge ends.</summary>
    public void Again(long at)
    {
        _tries++;
        At = at + Math.Min(settings.ElectionTimeout, settings.ResendAfter << Math.Min(_tries, 10));
        _underWay.Clear();
        Reading = 0;
        Next = Known.Next;
    }
}
