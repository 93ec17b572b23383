using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using Netabase.Persistence;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.State;

/// <summary>
/// How far a log was applied, as marks of the store that holds what it did: both move in one transaction. Sessions lie in a fixed
/// number of marks, so that a write touches those it changed and a start can find them all.
/// </summary>
internal sealed class AppliedBook
{
    private const int Buckets = 64;
    private const int RowHeader = 4;

    private readonly string _group;
    private readonly Dictionary<ClientId, Payload>[] _rows;

    private AppliedBook(string group, Dictionary<ClientId, Payload>[] rows)
    {
        _group = group;
        _rows = rows;
    }

    /// <summary>What the store says: the bookkeeping, and the machine's note.</summary>
    internal readonly record struct Page(AppliedBook Book, AppliedState State, Payload Note);

    /// <summary>Reads the book, or begins one.</summary>
    /// <param name="snapshot">Of the node's store.</param>
    /// <param name="group">The group.</param>
    /// <param name="settings">The group's.</param>
    /// <param name="founded">Who governs before the first slot.</param>
    /// <exception cref="StoreException">Damaged: the marks are not what was written.</exception>
    public static Page Open(IStoreSnapshot snapshot, string group, PaxosSettings settings, Membership founded)
    {
        var rows = new Dictionary<ClientId, Payload>[Buckets];
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            rows[bucket] = ReadBucket(snapshot.ReadMark(NameOf(group, bucket)) ?? Payload.Empty);
        }

        var book = new AppliedBook(group, rows);
        if (snapshot.ReadMark(NameOf(group)) is not { } mark)
        {
            return new Page(book, AppliedState.Founded(founded, settings), Payload.Empty);
        }

        var length = mark.Length >= RowHeader ? BinaryPrimitives.ReadInt32LittleEndian(mark.Span) : -1;
        return length >= 0 && length <= mark.Length - RowHeader
            && AppliedState.TryRead(settings, new Payload(mark.Memory.Slice(RowHeader, length)), rows.SelectMany(bucket => bucket.Values), out var state)
            ? new Page(book, state!, new Payload(mark.Memory[(RowHeader + length)..]))
            : throw Damaged(group);
    }

    /// <summary>The life of the disk on which the store says that the group voted, or null.</summary>
    public static NodeId? LifeIn(IRecordStore store, string group)
    {
        using var snapshot = store.OpenSnapshot(0);
        return snapshot.ReadMark(LifeNameOf(group)) switch
        {
            null => null,
            { Length: 16 } mark => new NodeId(BinaryPrimitives.ReadUInt128LittleEndian(mark.Span)),
            _ => throw Damaged(group),
        };
    }

    /// <summary>The write that says on which life the group votes.</summary>
    public static StoreBatch Note(string group, NodeId life)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, life.Value);
        return new StoreBatch([new StoreWrite.SetMark(LifeNameOf(group), new Payload(bytes))], []);
    }

    /// <summary>The writes that move the book; they belong into the transaction that moves the state.</summary>
    public ImmutableArray<StoreWrite> Move(AppliedState state, Payload note)
    {
        var touched = new SortedSet<int>();
        foreach (var (client, row) in state.Sessions.TakeChanges())
        {
            var bucket = BucketOf(client);
            touched.Add(bucket);
            if (row is { } changed)
            {
                _rows[bucket][client] = changed;
            }
            else
            {
                _rows[bucket].Remove(client);
            }
        }

        return Write(state, note, touched);
    }

    /// <summary>The writes that put another book in this one's place.</summary>
    public ImmutableArray<StoreWrite> Replace(AppliedState state, Payload note)
    {
        foreach (var bucket in _rows)
        {
            bucket.Clear();
        }

        foreach (var row in state.Sessions.WriteRows())
        {
            var client = ClientOf(row.Span);
            _rows[BucketOf(client)][client] = row;
        }

        return Write(state, note, Enumerable.Range(0, Buckets));
    }

    private ImmutableArray<StoreWrite> Write(AppliedState state, Payload note, IEnumerable<int> buckets)
    {
        var header = state.WriteHeader();
        var bytes = new byte[RowHeader + header.Length + note.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, header.Length);
        header.Span.CopyTo(bytes.AsSpan(RowHeader));
        note.Span.CopyTo(bytes.AsSpan(RowHeader + header.Length));
        var writes = ImmutableArray.CreateBuilder<StoreWrite>();
        writes.Add(new StoreWrite.SetMark(NameOf(_group), new Payload(bytes)));
        foreach (var bucket in buckets)
        {
            writes.Add(new StoreWrite.SetMark(NameOf(_group, bucket), WriteBucket(_rows[bucket])));
        }

        return writes.ToImmutable();
    }

    // Every session's row begins with its client.
    private static ClientId ClientOf(ReadOnlySpan<byte> row) => new(BinaryPrimitives.ReadUInt128LittleEndian(row));

    private static int BucketOf(ClientId client)
    {
        var mixed = (ulong)client.Value ^ (ulong)(client.Value >> 64);
        return (int)((mixed * 0x9E37_79B9_7F4A_7C15) >> 58);
    }

    private static string NameOf(string group) => $"paxos/{group}/applied";

    private static string LifeNameOf(string group) => $"paxos/{group}/life";

    private static string NameOf(string group, int bucket) => string.Create(CultureInfo.InvariantCulture, $"paxos/{group}/sessions/{bucket}");

    private static Payload WriteBucket(Dictionary<ClientId, Payload> rows)
    {
        var bytes = new byte[rows.Values.Sum(row => RowHeader + row.Length)];
        var at = bytes.AsSpan();
        foreach (var row in rows.Values)
        {
            BinaryPrimitives.WriteInt32LittleEndian(at, row.Length);
            row.Span.CopyTo(at[RowHeader..]);
            at = at[(RowHeader + row.Length)..];
        }

        return new Payload(bytes);
    }

    private static Dictionary<ClientId, Payload> ReadBucket(Payload bytes)
    {
        var rows = new Dictionary<ClientId, Payload>();
        for (var at = bytes.Memory; !at.IsEmpty;)
        {
            var length = at.Length >= RowHeader ? BinaryPrimitives.ReadInt32LittleEndian(at.Span) : -1;
            if (length < 16 || at.Length < RowHeader + length)
            {
                throw Damaged("some group");
            }

            var row = new Payload(at.Slice(RowHeader, length));
            rows[ClientOf(row.Span)] = row;
            at = at[(RowHeader + length)..];
        }

        return rows;
    }

    private static StoreException Damaged(string group) =>
        new(StoreError.Damaged, $"what the store says of the applied log of {group} is not what was written");
}
