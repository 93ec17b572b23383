using System.Buffers.Binary;

namespace Netabase.Data.Benchmarks.Store;

/// <summary>The records of the store's measures.</summary>
[NetabaseDefinition("bench")]
public static partial class Notes
{
    /// <summary>A note of which ten share a group and a thousand share a crowd.</summary>
    [NetabaseModel(1)]
    public sealed partial record Note
    {
        [PrimaryKey(1)]
        public required Guid Id { get; init; }

        [SecondaryKey(2)]
        public required int Group { get; init; }

        [SecondaryKey(3)]
        public required int Crowd { get; init; }

        [Field(4)]
        public required byte[] Body { get; init; }
    }

    public const int GroupSize = 10;
    public const int CrowdSize = 1000;

    /// <summary>The n-th note of a table: random key, groups and crowds spread over it.</summary>
    public static Note Of(int n, int rows, int bytes)
    {
        var body = new byte[bytes];
        BinaryPrimitives.WriteInt32BigEndian(body, n);
        return new Note { Id = IdOf(n), Group = n % Math.Max(1, rows / GroupSize), Crowd = n % Math.Max(1, rows / CrowdSize), Body = body };
    }

    /// <summary>The n-th key: the same in every contestant, and in no order.</summary>
    public static Guid IdOf(int n)
    {
        Span<byte> bytes = stackalloc byte[16];
        var x = ((ulong)n + 1) * 0x9E3779B97F4A7C15;
        BinaryPrimitives.WriteUInt64BigEndian(bytes, x ^ (x >> 29));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], x * 0xBF58476D1CE4E5B9);
        return new Guid(bytes, bigEndian: true);
    }

    public static byte[] KeyOf(Guid id) => id.ToByteArray(bigEndian: true);

    /// <summary>Order-preserving bytes of a small number, for the raw contestants.</summary>
    public static byte[] KeyOf(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number ^ int.MinValue);
        return bytes;
    }
}
