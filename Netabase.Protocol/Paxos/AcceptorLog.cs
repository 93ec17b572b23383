using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>
/// What an acceptor must never forget: its promise, and its vote in every slot that is not safely applied. Built anew from the
/// journal by giving it every write in order; the same method takes the writes of a living acceptor, and checks both.
/// </summary>
public sealed class AcceptorLog
{
    private readonly SlotRing<Entry> _votes = new(new Slot(1));

    /// <summary>The highest ballot promised.</summary>
    public Ballot Promised { get; private set; }

    /// <summary>The last write taken.</summary>
    public ulong WriteSeq { get; private set; }

    /// <summary>Every vote after <see cref="TruncatedThrough"/> up to here is known to be the value chosen.</summary>
    public Slot ChosenThrough { get; private set; }

    /// <summary>Votes up to here are forgotten, since their slots are applied.</summary>
    public Slot TruncatedThrough => _votes.First.Previous;

    /// <summary>After the last vote.</summary>
    public Slot End => Slot.Max(_votes.End, _votes.First);

    /// <summary>The vote in a slot, or null.</summary>
    public Vote? this[Slot slot] => _votes[slot] is { } entry ? new Vote(slot, entry.Ballot, entry.Batch) : null;

    /// <summary>All of it as one write: what a journal's snapshot holds.</summary>
    public AcceptorWrite Snapshot()
    {
        var votes = ImmutableArray.CreateBuilder<Vote>();
        for (var slot = _votes.First; slot < _votes.End; slot = slot.Next)
        {
            if (this[slot] is { } vote)
            {
                votes.Add(vote);
            }
        }

        return new AcceptorWrite(WriteSeq, Promised, votes.ToImmutable(), ChosenThrough, TruncatedThrough);
    }

    /// <summary>Begins from a journal's snapshot.</summary>
    public static AcceptorLog From(AcceptorWrite snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var log = new AcceptorLog();
        log.Take(snapshot with { WriteSeq = 1 });
        log.WriteSeq = snapshot.WriteSeq;
        return log;
    }

    /// <summary>Takes a write: a new one before it is saved, an old one as it is read back.</summary>
    /// <exception cref="PaxosInvariantException">It contradicts what was written before.</exception>
    public void Take(AcceptorWrite write)
    {
        ArgumentNullException.ThrowIfNull(write);
        PaxosInvariantException.Demand(write.WriteSeq == WriteSeq + 1, "an acceptor's writes follow one another without a gap");
        if (write.Promised is { } promised)
        {
            Promise(promised);
        }

        // First, so that a log that begins late does not make room for the slots before it.
        Truncate(write.TruncatedThrough);
        foreach (var vote in write.Votes)
        {
            Vote(vote);
        }

        ChosenThrough = write.ChosenThrough;
        WriteSeq = write.WriteSeq;
    }

    internal void Promise(Ballot ballot)
    {
        PaxosInvariantException.Demand(ballot >= Promised, "a promise is never taken back");
        Promised = ballot;
    }

    internal void Vote(in Vote vote)
    {
        PaxosInvariantException.Demand(vote.Ballot <= Promised, "a vote is never cast above the promise");
        if (vote.Slot < _votes.First || vote.Slot > Slot.Highest)
        {
            // Beyond the highest is what an earlier version let a garbled number write: no log comes there.
            return;
        }

        if (_votes[vote.Slot] is { } before)
        {
            PaxosInvariantException.Demand(vote.Ballot >= before.Ballot, "a vote's ballot never falls");
            PaxosInvariantException.Demand(
                vote.Ballot != before.Ballot || vote.Batch.Digest == before.Batch.Digest, "a ballot has one value in a slot");
        }

        _votes.Set(vote.Slot, new Entry(vote.Ballot, vote.Batch));
    }

    internal void Truncate(Slot through)
    {
        _votes.DropBefore(through.Next);
        ChosenThrough = Slot.Max(ChosenThrough, TruncatedThrough);
    }

    /// <summary>Compares what was chosen with the votes here: as long as they are the same, others can catch up from this log.</summary>
    internal void Settle(Slot first, ImmutableArray<Batch> chosen)
    {
        for (var i = (int)Math.Max(0, ChosenThrough.Next.Since(first)); i < chosen.Length; i++)
        {
            var slot = first.Plus(i);
            if (slot != ChosenThrough.Next || _votes[slot] is not { } entry || entry.Batch.Digest != chosen[i].Digest)
            {
                return;
            }

            ChosenThrough = slot;
        }
    }

    /// <summary>The chosen values held here, from the first slot on.</summary>
    internal ImmutableArray<Batch> Settled()
    {
        var batches = ImmutableArray.CreateBuilder<Batch>();
        for (var slot = _votes.First; slot <= ChosenThrough && _votes[slot] is { } entry; slot = slot.Next)
        {
            batches.Add(entry.Batch);
        }

        return batches.ToImmutable();
    }

    internal AcceptorWrite Begin(bool promiseMoved, ImmutableArray<Vote> votes) =>
        new(++WriteSeq, promiseMoved ? Promised : null, votes, ChosenThrough, TruncatedThrough);

    internal void ForgetVotes() => _votes.Clear(_votes.First);

    private sealed record Entry(Ballot Ballot, Batch Batch);
}
