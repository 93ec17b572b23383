using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Netabase.Multiformats;

namespace Netabase.Persistence.Specs.Contract;

/// <summary>The models that the contract speaks of: a message with author and city as secondary keys, and a counter with none.</summary>
internal static class Sample
{
    public const int Message = 0;
    public const int Counter = 1;
    public const int ByAuthor = 2;
    public const int ByCity = 3;

    public static readonly ModelSchema MessageSchema = Schema(
        "Message", 1, new(1, "Id", FieldRole.PrimaryKey, "bytes"), new(2, "Author", FieldRole.SecondaryKey, "string"),
        new(3, "City", FieldRole.SecondaryKey, "optional<string>"), new(4, "Text", FieldRole.Field, "string"));

    public static readonly ModelSchema CounterSchema = Schema(
        "Counter", 2, new(1, "Name", FieldRole.PrimaryKey, "string"), new(2, "Value", FieldRole.Field, "int64"));

    public static readonly StoreLayout Layout = new([MessageSchema, CounterSchema]);

    public static readonly StoreLimits Limits = new(ValueMax: 66_560, SnapshotsMax: 16, WaitingMax: 1024, BusyTimeout: TimeSpan.FromSeconds(5));

    public static ModelSchema Schema(string name, ushort tag, params FieldSchema[] fields) =>
        new("sample", name, tag, [.. fields], [], Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            Encoding.UTF8.GetBytes(string.Join(';', fields.Select(field => $"{field.Number}:{field.Role}:{field.Type}"))))));

    public static Payload Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    public static Payload Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value ^ long.MinValue);
        return new(bytes);
    }

    public static RecordMetadata At(long clock, byte? publisher = null, long? expiresAt = null, string signature = "") => new(
        new HybridTimestamp((ulong)clock),
        publisher is { } peer ? new PeerId(new Payload(new byte[] { 0, 1, peer })) : null,
        expiresAt,
        Bytes(signature));

    public static StoreWrite.Put PutMessage(
        string id, string author, string? city = null, string text = "hello", long clock = 1, long? expiresAt = null, RecordMetadata? metadata = null) =>
        new(Message, Bytes(id), Bytes(text), metadata ?? At(clock, expiresAt: expiresAt), [Bytes(author), city is null ? null : Bytes(city)]);

    public static StoreWrite.Put PutCounter(string name, long value, long clock = 1) =>
        new(Counter, Bytes(name), Number(value), At(clock), []);

    public static StoreBatch Batch(params ImmutableArray<StoreWrite> writes) => new(writes, []);

    public static StoreBatch If(StoreCondition condition, params ImmutableArray<StoreWrite> writes) => new(writes, [condition]);

    public static KeyRange Exactly(string key) => KeyRange.Exactly(Bytes(key));
}

/// <summary>A row, copied out of the store.</summary>
internal sealed record Seen(Payload Key, Payload IndexKey, Payload Value, RecordMetadata Metadata, RowState State)
{
    public static Seen Of(in StoreRow row) =>
        new(Payload.Copy(row.Key), Payload.Copy(row.IndexKey), Payload.Copy(row.Value), row.Metadata.ToRecordMetadata(), row.State);
}

/// <summary>Reads that copy, for specs.</summary>
internal static class Reading
{
    public static Seen? Get(this IRecordStore store, int model, string key, long now = 0) => store.Get(model, Sample.Bytes(key), now);

    public static Seen? Get(this IRecordStore store, int model, Payload key, long now = 0)
    {
        var seen = new List<Seen>();
        var found = store.TryRead(model, key.Span, now, seen, static (List<Seen> list, in StoreRow row) => Add(list, row));
        Assert.Equal(found ? 1 : 0, seen.Count);
        return seen.SingleOrDefault();
    }

    public static Seen? Get(this IStoreSnapshot snapshot, int model, Payload key)
    {
        var seen = new List<Seen>();
        var found = snapshot.TryRead(model, key.Span, seen, static (List<Seen> list, in StoreRow row) => Add(list, row));
        Assert.Equal(found ? 1 : 0, seen.Count);
        return seen.SingleOrDefault();
    }

    public static List<Seen> All(this IStoreSnapshot snapshot, in StoreQuery query)
    {
        var seen = new List<Seen>();
        var visited = snapshot.Scan(query, seen, static (List<Seen> list, in StoreRow row) => Add(list, row));
        Assert.Equal(visited, seen.Count);
        return seen;
    }

    public static List<Seen> All(this IRecordStore store, in StoreQuery query, long now = 0)
    {
        using var snapshot = store.OpenSnapshot(now);
        return snapshot.All(query);
    }

    public static List<string> Keys(this IRecordStore store, in StoreQuery query, long now = 0) =>
        [.. store.All(query, now).Select(row => Sample.Text(row.Key.Span))];

    public static long Count(this IRecordStore store, in StoreQuery query, long now = 0)
    {
        using var snapshot = store.OpenSnapshot(now);
        return snapshot.Count(query);
    }

    public static async Task<BatchOutcome> CommitAsync(this IRecordStore store, StoreBatch batch, long now = 0) =>
        Assert.Single(await store.CommitAsync([batch], now, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30)));

    public static async Task<List<long>> WriteAsync(this IRecordStore store, params ImmutableArray<StoreWrite> writes) =>
        [.. Assert.IsType<BatchOutcome.Written>(await store.CommitAsync(Sample.Batch(writes))).Writes];

    private static bool Add(List<Seen> list, in StoreRow row)
    {
        list.Add(Seen.Of(row));
        return true;
    }
}
