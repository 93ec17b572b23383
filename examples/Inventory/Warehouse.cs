using Item = Netabase.Examples.Inventory.Stock.Item;

namespace Netabase.Examples.Inventory;

/// <summary>What is on the shelves, by compare-and-set: read an item, and write it only if it is still the one that was read.</summary>
internal sealed class Warehouse(INetabase netabase)
{
    /// <summary>Adds to an item, or takes from it when <paramref name="by"/> is negative; never more than is left.</summary>
    public async Task<string> ChangeAsync(string name, int by, CancellationToken cancellation)
    {
        while (true)
        {
            HybridTimestamp? version = null;
            var left = 0;
            switch (await ReadAsync(name, cancellation))
            {
                case GetResult<Item>.Found found:
                    (version, left) = (found.Metadata.Clock, found.Record.Left);
                    break;
                case GetResult<Item>.NotFound:
                    break;
                case var other:
                    return $"not changed: {other}";
            }

            if ((long)left + by is < 0 or > int.MaxValue)
            {
                return by < 0 ? $"{name}: only {left} left" : $"{name}: {left} is enough";
            }

            switch (await WriteAsync(new Item { Name = name, Left = left + by }, version, cancellation))
            {
                case ConsensusResult.Applied applied:
                    return $"{name}: {left + by} left (slot {applied.Slot})";
                case ConsensusResult.NotCommitted { Reason: RefusalReason.Conflict }:
                    // Somebody was quicker, and there may be less now.
                    continue;
                case var other:
                    return $"not changed: {other}";
            }
        }
    }

    /// <summary>What is left of an item, as of now.</summary>
    public async Task<string> ShowAsync(string name, CancellationToken cancellation) => await ReadAsync(name, cancellation) switch
    {
        GetResult<Item>.Found found => $"{name}: {found.Record.Left} left",
        GetResult<Item>.NotFound => $"{name}: never seen",
        var other => $"not read: {other}",
    };

    /// <summary>Every item as far as this member has heard: its own store, no question to the others.</summary>
    public async Task<string> ListAsync(CancellationToken cancellation)
    {
        var items = await netabase.Records<Item>().QueryAsync(ModelQuery<Item>.All, cancellation);
        return items.IsEmpty ? "The shelves are empty." : string.Join('\n', items.Select(item => $"{item.Name}: {item.Left}"));
    }

    private async Task<GetResult<Item>> ReadAsync(string name, CancellationToken cancellation)
    {
        while (true)
        {
            var result = await netabase.GetRecordAsync(new Item.Key(name), Consistency.Linearizably, cancellation);
            if (result is not GetResult<Item>.TimedOut)
            {
                return result;
            }

            Console.WriteLine(Founders.NoMajority);
        }
    }

    // One name for all attempts: after "unknown" the same name learns what became of it instead of writing again.
    private async Task<ConsensusResult> WriteAsync(Item item, HybridTimestamp? version, CancellationToken cancellation)
    {
        var id = netabase.NewOperationId();
        while (true)
        {
            var result = await netabase.CompareAndSetConsensusAsync(item, version, id, cancellation);
            if (result is not (ConsensusResult.Unknown or ConsensusResult.NotCommitted { Reason: RefusalReason.NoLeader }))
            {
                return result;
            }

            Console.WriteLine(Founders.NoMajority);
        }
    }
}
