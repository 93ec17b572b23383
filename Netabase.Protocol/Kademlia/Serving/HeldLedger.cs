using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia.Serving;

/// <summary>Bounds of what is held for others.</summary>
/// <param name="RecordsMax">Records in all.</param>
/// <param name="BytesMax">Bytes of keys and envelopes in all.</param>
/// <param name="RecordsPerPublisherMax">Records of one publisher.</param>
/// <param name="BytesPerPublisherMax">Bytes of one publisher.</param>
public sealed record HoldingBounds(int RecordsMax, long BytesMax, int RecordsPerPublisherMax, long BytesPerPublisherMax);

/// <summary>One record held for another.</summary>
/// <param name="Key">The record key's bytes.</param>
/// <param name="Publisher">For whom; null for a record of a namespace without publishers.</param>
/// <param name="Bytes">What it counts.</param>
/// <param name="HeldUntil">Unix milliseconds at which it goes.</param>
/// <param name="ReceivedAt">Unix milliseconds at which somebody last brought it.</param>
public sealed record HeldEntry(Payload Key, PeerId? Publisher, int Bytes, long HeldUntil, long ReceivedAt);

/// <summary>
/// Counts what is held for others, so that nobody can fill a disk that is not his own. The store is the truth; its owner enters
/// every row of another publisher at the start, and reports what expires.
/// </summary>
/// <param name="bounds">Bounds.</param>
public sealed class HeldLedger(HoldingBounds bounds)
{
    private readonly Dictionary<Payload, HeldEntry> _entries = [];
    private readonly Dictionary<PeerId, (int Records, long Bytes)> _perPublisher = [];

    /// <summary>Records held.</summary>
    public int Count => _entries.Count;

    /// <summary>Bytes held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Every entry, in no order.</summary>
    public IEnumerable<HeldEntry> Entries => _entries.Values;

    /// <summary>The entry of a key, or null.</summary>
    public HeldEntry? Find(Payload key) => _entries.GetValueOrDefault(key);

    /// <summary>The bound in the way of a record that would take the place of what is held under its key; null when there is room.</summary>
    public string? BoundInTheWayOf(HeldEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        _entries.TryGetValue(entry.Key, out var known);
        var records = _entries.Count - (known is null ? 0 : 1) + 1;
        var bytes = Bytes - (known?.Bytes ?? 0) + entry.Bytes;
        var why = records > bounds.RecordsMax ? $"{bounds.RecordsMax} records are held for others"
            : bytes > bounds.BytesMax ? $"{Bytes} of {bounds.BytesMax} bytes are held for others"
            : null;
        if (why is null && entry.Publisher is { } publisher)
        {
            var own = _perPublisher.GetValueOrDefault(publisher);
            var isOwn = known?.Publisher == publisher;
            why = own.Records + (isOwn ? 0 : 1) > bounds.RecordsPerPublisherMax ? $"{own.Records} records of {publisher} are held"
                : own.Bytes + entry.Bytes - (isOwn ? known!.Bytes : 0) > bounds.BytesPerPublisherMax ? $"{own.Bytes} bytes of {publisher} are held"
                : null;
        }

        return why;
    }

    /// <summary>Enters a record that is held now, in place of what was held under its key.</summary>
    public void Enter(HeldEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        Remove(entry.Key);
        _entries.Add(entry.Key, entry);
        Account(entry, 1);
    }

    /// <summary>A record is held no longer.</summary>
    public bool Remove(Payload key)
    {
        if (!_entries.Remove(key, out var entry))
        {
            return false;
        }

        Account(entry, -1);
        return true;
    }

    /// <summary>Takes out every record whose time has passed; the store sweeps its rows by itself.</summary>
    public int Expire(long now)
    {
        var gone = _entries.Values.Where(entry => entry.HeldUntil <= now).Select(entry => entry.Key).ToList();
        gone.ForEach(key => Remove(key));
        return gone.Count;
    }

    private void Account(HeldEntry entry, int sign)
    {
        Bytes += sign * entry.Bytes;
        if (entry.Publisher is not { } publisher)
        {
            return;
        }

        var (records, bytes) = _perPublisher.GetValueOrDefault(publisher);
        _perPublisher[publisher] = (records + sign, bytes + (sign * entry.Bytes));
        if (records + sign == 0)
        {
            _perPublisher.Remove(publisher);
        }
    }
}
