using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Netabase.Actors.Node;
using Netabase.Actors.Paxos.Records;
using Netabase.Persistence;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.State;

/// <summary>The records of the definitions that a group governs, in the node's store.</summary>
/// <param name="catalog">The node's models.</param>
/// <param name="definitions">Those the group governs.</param>
internal sealed class RecordMachineKind(ModelCatalog catalog, ImmutableArray<string> definitions) : IGroupMachineKind
{
    private const int ClockSize = 8;
    private const int RowHeader = 16;

    private IEnumerable<int> Places => Enumerable.Range(0, catalog.Models.Length).Where(place => definitions.Contains(catalog.Models[place].Schema.Definition));

    public IGroupMachine Open(IRecordStore store, Payload note)
    {
        var machine = new RecordMachine(catalog, store, store.Limits.ValueMax);
        machine.Resume(note.Length == ClockSize ? new HybridTimestamp(BinaryPrimitives.ReadUInt64LittleEndian(note.Span)) : HybridTimestamp.Zero);
        return new Machine(machine, definitions);
    }

    public void Check(Payload note)
    {
        if (note.Length is not (0 or ClockSize))
        {
            throw new RecordFormatException("A snapshot's note is no clock.");
        }
    }

    /// <summary>Row after row: lengths of key and value (4 each), clock (8), the record key, the value; little-endian.</summary>
    public void Write(IStoreSnapshot from, IBufferWriter<byte> to)
    {
        foreach (var place in Places)
        {
            var schema = catalog.Models[place].Schema;
            from.Scan(new StoreQuery(place, null, KeyRange.All), (schema, to), static ((ModelSchema Schema, IBufferWriter<byte> To) at, in StoreRow row) =>
            {
                var key = RecordKey.Derive(at.Schema.Definition, at.Schema.Tag, row.Key).Bytes;
                var size = RowHeader + key.Length + row.Value.Length;
                var span = at.To.GetSpan(size);
                BinaryPrimitives.WriteInt32LittleEndian(span, key.Length);
                BinaryPrimitives.WriteInt32LittleEndian(span[4..], row.Value.Length);
                BinaryPrimitives.WriteUInt64LittleEndian(span[8..], row.Metadata.Clock.Value);
                key.Span.CopyTo(span[RowHeader..]);
                row.Value.CopyTo(span[(RowHeader + key.Length)..]);
                at.To.Advance(size);
                return true;
            });
        }
    }

    public ImmutableArray<StoreWrite> Replace(ReadOnlyMemory<byte> state)
    {
        var writes = ImmutableArray.CreateBuilder<StoreWrite>();
        foreach (var place in Places)
        {
            writes.Add(new StoreWrite.Clear(place));
        }

        for (var at = state; !at.IsEmpty;)
        {
            var keyLength = at.Length >= RowHeader ? BinaryPrimitives.ReadInt32LittleEndian(at.Span) : -1;
            var valueLength = at.Length >= RowHeader ? BinaryPrimitives.ReadInt32LittleEndian(at.Span[4..]) : -1;
            if (keyLength < 0 || valueLength < 0 || (long)RowHeader + keyLength + valueLength > at.Length)
            {
                throw new RecordFormatException("A snapshot's row is cut off.");
            }

            var clock = new HybridTimestamp(BinaryPrimitives.ReadUInt64LittleEndian(at.Span[8..]));
            writes.Add(Row(at.Slice(RowHeader, keyLength), Payload.Copy(at.Span.Slice(RowHeader + keyLength, valueLength)), clock));
            at = at[(RowHeader + keyLength + valueLength)..];
        }

        return writes.ToImmutable();
    }

    private StoreWrite.Put Row(ReadOnlyMemory<byte> key, Payload value, HybridTimestamp clock)
    {
        if (!RecordKey.TryParse(key.Span, out _, out var definition, out var tag, out var primary)
            || !definitions.Contains(definition) || !catalog.TryFind(definition, tag, out var place))
        {
            throw new RecordFormatException("A snapshot holds a record that the group does not govern here.");
        }

        return RecordCoding.Put(catalog.Models[place], place, Payload.Copy(primary), value, new RecordMetadata(clock));
    }

    private sealed class Machine(RecordMachine records, ImmutableArray<string> definitions) : IGroupMachine
    {
        public bool MustKeep => true;

        public Payload Apply(Slot slot, long clock, in Command command)
        {
            try
            {
                var asked = RecordCommand.Decode(command.Body.Span);
                var isOurs = RecordKey.TryParse(asked.Key.Bytes.Span, out _, out var definition, out _, out _) && definitions.Contains(definition);
                return (isOurs ? records.Apply(asked, clock) : new RecordResult(false, HybridTimestamp.Zero, RefusalReason.NotAllowed)).Encode();
            }
            catch (RecordFormatException)
            {
                return new RecordResult(false, HybridTimestamp.Zero, RefusalReason.Undecodable).Encode();
            }
        }

        public (ImmutableArray<StoreWrite> Writes, Payload Note) Take()
        {
            var note = new byte[ClockSize];
            BinaryPrimitives.WriteUInt64LittleEndian(note, records.Clock.Value);
            return (records.Take(), new Payload(note));
        }
    }
}
