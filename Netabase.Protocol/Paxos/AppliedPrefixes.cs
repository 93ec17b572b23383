namespace Netabase.Protocol.Paxos;

/// <summary>
/// Compares applied prefixes: ours at many slots, others' as they tell them. Where both have stood at one slot, the chains are
/// equal or the states are not.
/// </summary>
internal sealed class AppliedPrefixes
{
    private const int Remembered = 1024;

    private readonly Dictionary<Slot, Digest> _ours = [];
    private readonly Queue<Slot> _oldest = new();
    private readonly Dictionary<NodeId, Checkpoint> _ahead = [];
    private readonly Dictionary<NodeId, bool> _isEqual = [];

    /// <summary>Our newest.</summary>
    public Checkpoint Newest { get; private set; }

    /// <summary>How many voters differ from us, each at the last slot we could compare.</summary>
    public int Different(Configuration configuration) => _isEqual.Count(pair => !pair.Value && configuration.IsVoter(pair.Key));

    /// <summary>Our state has moved.</summary>
    /// <returns>Who has been found to differ.</returns>
    public IReadOnlyList<(NodeId Node, Slot Slot)> Ours(Checkpoint checkpoint)
    {
        Newest = checkpoint;
        if (_ours.TryAdd(checkpoint.Slot, checkpoint.Chain))
        {
            _oldest.Enqueue(checkpoint.Slot);
            if (_oldest.Count > Remembered)
            {
                _ours.Remove(_oldest.Dequeue());
            }
        }

        var different = new List<(NodeId, Slot)>();
        foreach (var (node, theirs) in _ahead.ToArray())
        {
            if (theirs.Slot <= checkpoint.Slot)
            {
                _ahead.Remove(node);
                if (Compare(node, theirs))
                {
                    different.Add((node, theirs.Slot));
                }
            }
        }

        return different;
    }

    /// <summary>Another's state is there.</summary>
    /// <returns>Whether it has now been found to differ from ours.</returns>
    public bool Theirs(NodeId node, Checkpoint checkpoint)
    {
        if (checkpoint.Slot > Newest.Slot)
        {
            // Kept until we are there; the one waiting is the nearest, and so the first that can be compared.
            _ahead.TryAdd(node, checkpoint);
            return false;
        }

        return Compare(node, checkpoint);
    }

    private bool Compare(NodeId node, Checkpoint theirs)
    {
        if (theirs.Slot == Slot.None || !_ours.TryGetValue(theirs.Slot, out var ours))
        {
            return false;
        }

        var wasDifferent = _isEqual.TryGetValue(node, out var wasEqual) && !wasEqual;
        _isEqual[node] = ours == theirs.Chain;
        return ours != theirs.Chain && !wasDifferent;
    }
}
