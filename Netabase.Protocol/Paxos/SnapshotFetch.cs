namespace Netabase.Protocol.Paxos;

/// <summary>
/// A snapshot on its way here: pieces are asked for within a window, each verified, written in order. What is on disk stays good
/// across restarts and senders, since a snapshot's name is the digest of its bytes.
/// </summary>
internal sealed class SnapshotFetch(SnapshotInfo snapshot, NodeId source, PaxosSettings settings, Work work, long now)
{
    private const int TriesMax = 12;

    private readonly Dictionary<long, Payload> _early = [];
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
        if (_tries > 0)
        {
            Source = by;
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
    public string? Arrived(PaxosMessage.SnapshotChunk chunk, long at)
    {
        if (chunk.Bytes.IsEmpty || chunk.Offset + chunk.Bytes.Length > Snapshot.Size || chunk.Bytes.Length > settings.ChunkBytes
            || Digest.Of(chunk.Bytes.Span) != chunk.Check)
        {
            return "it is not a piece of the snapshot offered";
        }

        if (_written is null || chunk.Offset < _handed || chunk.Offset >= _asked)
        {
            return null;
        }

        Alive(at);
        _early[chunk.Offset] = chunk.Bytes;
        while (_early.Remove(_handed, out var bytes))
        {
            work.Do(new Duty.WriteChunk(Snapshot.Id, _handed, bytes));
            _handed += bytes.Length;
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
        while (_asked < Snapshot.Size && _asked - _written < (long)settings.ChunksInFlight * settings.ChunkBytes)
        {
            var length = (int)Math.Min(settings.ChunkBytes, Snapshot.Size - _asked);
            work.Send(Source, new PaxosMessage.SnapshotRequest(Snapshot.Id, _asked, length));
            _asked += length;
        }
    }
}
