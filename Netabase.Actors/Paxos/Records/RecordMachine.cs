using System.Collections.Immutable;
using Netabase.Actors.Node;
using Netabase.Persistence;
using Netabase.Protocol.Records;

namespace Netabase.Actors.Paxos.Records;

/// <summary>
/// Turns record commands, in the order of the log, into writes of one store batch. Every member comes to the same results:
/// clocks follow from the stamps that the leader put into the log, and comparisons look at what the log wrote, since nobody else
/// writes the definitions of a group.
/// </summary>
internal sealed class RecordMachine(ModelCatalog catalog, IRecordStore store, int valueMax)
{
    private readonly Dictionary<RecordKey, HybridTimestamp?> _pending = [];
    private readonly ImmutableArray<StoreWrite>.Builder _writes = ImmutableArray.CreateBuilder<StoreWrite>();

    /// <summary>The clock of the last record written; it belongs into the mark that says how far the log was applied.</summary>
    public HybridTimestamp Clock { get; private set; }

    /// <summary>How many writes wait for <see cref="Take"/>.</summary>
    public int Count => _writes.Count;

    /// <summary>Goes on where the store says that the log was applied.</summary>
    public void Resume(HybridTimestamp clock) => Clock = clock;

    /// <summary>One command.</summary>
    /// <param name="command">What the log says.</param>
    /// <param name="stamp">When its leader took it, in unix milliseconds; never falls along the log.</param>
    public RecordResult Apply(RecordCommand command, long stamp)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!TryFind(command.Key, out var place, out var primary))
        {
            return new RecordResult(false, HybridTimestamp.Zero, RefusalReason.NotAllowed);
        }

        if (command.Expects is not Expectation.Anything)
        {
            var existing = ClockOf(command.Key, place, primary);
            if (command.Expects is Expectation.Absence ? existing is not null : existing != command.Version)
            {
                return new RecordResult(false, existing ?? HybridTimestamp.Zero, RefusalReason.Conflict);
            }
        }

        return command.Value is { } value ? Put(command.Key, place, primary, value, stamp) : Remove(command.Key, place, primary);
    }

    /// <summary>The writes since the last call, for the store to take at once.</summary>
    public ImmutableArray<StoreWrite> Take()
    {
        _pending.Clear();
        return _writes.DrainToImmutable();
    }

    private RecordResult Put(RecordKey key, int place, Payload primary, Payload value, long stamp)
    {
        if (value.Length > valueMax)
        {
            return new RecordResult(false, HybridTimestamp.Zero, RefusalReason.ValueTooLarge);
        }

        object record;
        try
        {
            record = catalog.Models[place].Decode(value.Span);
        }
        catch (RecordFormatException)
        {
            return new RecordResult(false, HybridTimestamp.Zero, RefusalReason.Undecodable);
        }

        if (!KeyOf(place, record).Span.SequenceEqual(primary.Span))
        {
            return new RecordResult(false, HybridTimestamp.Zero, RefusalReason.NotAllowed);
        }

        Clock = HybridClock.Tick(Clock, stamp);
        _writes.Add(new StoreWrite.Put(place, primary, value, new RecordMetadata(Clock), IndexKeysOf(place, record)));
        _pending[key] = Clock;
        return new RecordResult(true, Clock);
    }

    private RecordResult Remove(RecordKey key, int place, Payload primary)
    {
        _writes.Add(new StoreWrite.Remove(place, primary));
        _pending[key] = null;
        return new RecordResult(true, HybridTimestamp.Zero);
    }

    private bool TryFind(RecordKey key, out int place, out Payload primary)
    {
        primary = default;
        place = -1;
        if (RecordKey.TryParse(key.Bytes.Span, out _, out var definition, out var tag, out var bytes))
        {
            primary = Payload.Copy(bytes);
            for (place = catalog.Models.Length - 1; place >= 0; place--)
            {
                var schema = catalog.Models[place].Schema;
                if (schema.Definition == definition && schema.Tag == tag)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private HybridTimestamp? ClockOf(RecordKey key, int place, Payload primary)
    {
        if (_pending.TryGetValue(key, out var pending))
        {
            return pending;
        }

        // Time zero: what the log wrote never expires.
        var found = new Found();
        store.TryRead(place, primary.Span, 0, found, static (Found state, in StoreRow row) =>
        {
            state.Clock = row.Metadata.Clock;
            return true;
        });
        return found.Clock;
    }

    private Payload KeyOf(int place, object record)
    {
        var writer = new KeyWriter(stackalloc byte[128]);
        try
        {
            catalog.Models[place].EncodePrimaryKey(record, ref writer);
            return Payload.Copy(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    private ImmutableArray<Payload?> IndexKeysOf(int place, object record)
    {
        var model = catalog.Models[place];
        var keys = ImmutableArray.CreateBuilder<Payload?>(model.Schema.SecondaryKeys.Length);
        foreach (var field in model.Schema.SecondaryKeys)
        {
            var writer = new KeyWriter(new byte[128]);
            try
            {
                keys.Add(model.EncodeSecondaryKey(record, field.Number, ref writer) ? Payload.Copy(writer.Written) : null);
            }
            finally
            {
                writer.Dispose();
            }
        }

        return keys.MoveToImmutable();
    }

    private sealed class Found
    {
        public HybridTimestamp? Clock { get; set; }
    }
}
