namespace Netabase.Protocol.Paxos;

/// <summary>
/// A snapshot on its way here: pieces are asked for within a window, each verified, written in order. What is on disk stays good
/// across restarts and senders, since a snapshot's name is the digest of its bytes.
/// </summary>
/// <remarks>
/// A piece is taken from who was asked, where it was asked for, and once: so there are never more of them here than are under way. One that is shorter
/// than was asked for is all that its sender puts into a piece, and from then on it is asked for so much.
/// </remarks>
internal sealed class SnapshotFetch(SnapshotInfo snapshot, NodeId source, PaxosSettings settings, Work work, long now)
{
    private const int TriesMax = 12;

    private readonly Dictionary<long, int> _underWay = [];
    private readonly Dictionary<long, Payload> _early = [];
    private int _piece = settings.ChunkBytes;
    private long? _written;
    private long _handed;
    private long _asked;
    private int _tries;

    /// <summary>Which.</summary>
    public SnapshotInfo Snapshot { get; } = snapshot;

    /// <summary>Who sends it now.</summary>
    public NodeId Source { get; private set; } = source;

    /// <summary>When patience ends.</summary>
    public long At { get; private set; } = now + settings.ResendAfter;

    /// <summary>Whether its source has been silent for so long that another offer is taken.</summary>
    public bool IsOver => _tries > TriesMax;

    /// <summary>Whether all bytes are there and are being verified and installed.</summary>
    public bool IsInstalling { get; private set; }

    /// <summary>Asks the owner how much of it is here already.</summary>
    public void Begin() => work.Do(new Duty.ResumeSnapshot(Snapshot));

    /// <summary>The same snapshot is offered again: by somebody else, perhaps, when its source is silent.</summary>
    public void Offered(NodeId by)
    {
        if (_tries > 0 && by != Source)
        {
            Source = by;
            _piece = settings.ChunkBytes;
        }
    }

    /// <summary>So many bytes are on disk.</summary>
    public void Written(long through, long at)
    {
        if (IsInstalling)
        {
            return;
        }

        Alive(at);
        if (_written is null)
        {
            _handed = _asked = through;
        }

        _written = through;
        if (through >= Snapshot.Size)
        {
            IsInstalling = true;
            work.Do(new Duty.InstallSnapshot(Snapshot));
        }
        else
        {
            Ask();
        }
    }

    /// <summary>A piece has come.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Arrived(NodeId from, PaxosMessage.SnapshotChunk chunk, long at)
    {
        if (from != Source || !_underWay.TryGetValue(chunk.Offset, out var asked))
        {
            // Asked for in another life, or of a sender before this one, or here already.
            return null;
        }

        if (chunk.Bytes.IsEmpty || chunk.Bytes.Length > asked || Digest.Of(chunk.Bytes.Span) != chunk.Check)
        {
            return "it is not a piece of the snapshot offered";
        }

        if (chunk.Bytes.Length < asked)
        {
            OnShort(chunk, at);
            return null;
        }

        Alive(at);
        _underWay.Remove(chunk.Offset);
        _early[chunk.Offset] = chunk.Bytes;
        while (_early.Remove(_handed, out var bytes))
        {
            HandOn(bytes);
        }

        return null;
    }

    /// <summary>Patience has ended: ask again for what has not come.</summary>
    public void Again(long at)
    {
        _tries++;
        At = at + Math.Min(settings.ElectionTimeout, settings.ResendAfter << Math.Min(_tries, 10));
        if (IsInstalling)
        {
            return;
        }

        if (_written is null)
        {
            Begin();
            return;
        }

        AskAnew();
    }

    // Any but the next is as short as the next will be, and has left a gap behind it: it is asked for anew with that.
    private void OnShort(PaxosMessage.SnapshotChunk chunk, long at)
    {
        if (chunk.Offset == _handed)
        {
            Alive(at);
            _piece = chunk.Bytes.Length;
            HandOn(chunk.Bytes);
            AskAnew();
        }
    }

    private void HandOn(Payload bytes)
    {
        work.Do(new Duty.WriteChunk(Snapshot.Id, _handed, bytes));
        _handed += bytes.Length;
    }

    private void AskAnew()
    {
        _underWay.Clear();
        _early.Clear();
        _asked = _handed;
        Ask();
    }

    private void Alive(long at)
    {
        _tries = 0;
        At = at + settings.ResendAfter;
    }

    private void Ask()
    {
        while (_asked < Snapshot.Size && _asked - _written < (long)settings.ChunksInFlight * _piece)
        {
            var length = (int)Math.Min(_piece, Snapshot.Size - _asked);
            _underWay[_asked] = length;
            work.Send(Source, new PaxosMessage.SnapshotRequest(Snapshot.Id, _asked, length));
            _asked += length;
        }
    }
}
