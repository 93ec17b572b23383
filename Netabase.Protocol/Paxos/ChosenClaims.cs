namespace Netabase.Protocol.Paxos;

/// <summary>
/// What leaders said is chosen, by ballot: from its base up to there, the values of that ballot. A vote cast in the ballot of a claim
/// that covers its slot is the value chosen. Claims stay true for ever; those of old ballots are let go first.
/// </summary>
internal sealed class ChosenClaims
{
    private const int Most = 8;

    private readonly SortedList<Ballot, Claim> _claims = [];

    /// <summary>The last slot anybody said is chosen.</summary>
    public Slot Through { get; private set; }

    /// <summary>Whose word that is: it has the value.</summary>
    public NodeId? Informant { get; private set; }

    /// <summary>A leader's word.</summary>
    /// <param name="ballot">Its ballot.</param>
    /// <param name="first">The first slot it proposed in that ballot.</param>
    /// <param name="through">How far all is chosen.</param>
    public void Add(Ballot ballot, Slot first, Slot through)
    {
        Heard(ballot.Owner, through);
        if (_claims.TryGetValue(ballot, out var claim))
        {
            // A leader's base can only be repeated; were it not, the narrower claim is the safe one.
            _claims[ballot] = new Claim(Slot.Max(claim.Base, first), Slot.Max(claim.Through, through));
            return;
        }

        _claims.Add(ballot, new Claim(first, through));
        if (_claims.Count > Most)
        {
            _claims.RemoveAt(0);
        }
    }

    /// <summary>Somebody knows the log to be chosen so far; nothing follows for any vote.</summary>
    public void Heard(NodeId from, Slot through)
    {
        if (through > Through || Informant is null)
        {
            Through = Slot.Max(Through, through);
            Informant = from;
        }
    }

    /// <summary>Whether a vote of this ballot in this slot is the value chosen.</summary>
    public bool Cover(Slot slot, Ballot ballot) =>
        _claims.TryGetValue(ballot, out var claim) && slot >= claim.Base && slot <= claim.Through;

    /// <summary>Whether some leader that proposed in this slot says it is chosen: its vote may still be on the way.</summary>
    public bool IsProposedAgain(Slot slot)
    {
        foreach (var claim in _claims.Values)
        {
            if (slot >= claim.Base && slot <= claim.Through)
            {
                return true;
            }
        }

        return false;
    }

    private readonly record struct Claim(Slot Base, Slot Through);
}
