using Netabase.Protocol.Kademlia;

namespace Netabase.Actors.Kademlia;

/// <summary>Records of keys that are no model's, such as those of <c>/pk</c> and <c>/ipns</c>: in memory, bounded, gone with the run.</summary>
/// <param name="recordsMax">The most; one more is refused until others expire.</param>
internal sealed class RawRecords(int recordsMax)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Payload, (DhtRecord Record, long Until)> _records = [];

    /// <summary>Keeps a record in place of what was held under its key.</summary>
    /// <returns>False when there is no room.</returns>
    public bool Put(DhtRecord record, long until, long now)
    {
        lock (_gate)
        {
            if (!_records.ContainsKey(record.Key) && _records.Count >= recordsMax)
            {
                foreach (var gone in _records.Where(held => held.Value.Until <= now).Select(held => held.Key).ToList())
                {
                    _records.Remove(gone);
                }

                if (_records.Count >= recordsMax)
                {
                    return false;
                }
            }

            _records[record.Key] = (record, until);
            return true;
        }
    }

    /// <summary>What is held under a key, or null.</summary>
    public DhtRecord? Find(Payload key, long now)
    {
        lock (_gate)
        {
            return _records.TryGetValue(key, out var held) && held.Until > now ? held.Record : null;
        }
    }
}
