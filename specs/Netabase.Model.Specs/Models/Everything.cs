using System.Collections.Immutable;

namespace Netabase.Specs.Models;

/// <summary>A model with every type that can be stored, in every form.</summary>
[NetabaseDefinition("every.type")]
public static partial class Everything
{
    public enum Colour
    {
        None = 0,
        Red = 1,
        Green = 2,
        Infrared = -1,
    }

    public enum Tiny : byte
    {
        Zero = 0,
        Top = 255,
    }

    public enum Vast : ulong
    {
        Zero = 0,
        Top = ulong.MaxValue,
    }

    [NetabaseValue]
    public partial record Address
    {
        [Field(1)]
        public string Street { get; init; } = "";

        [Field(2)]
        public int Number { get; init; }

        [Field(3)]
        public string? Extra { get; init; }
    }

    [NetabaseValue]
    public readonly partial record struct Point([property: Field(1)] int X, [property: Field(2)] double Y);

    /// <summary>A value that holds itself, with an end.</summary>
    [NetabaseValue]
    public sealed partial record Tree
    {
        [Field(1)]
        public required string Label { get; init; }

        [Field(2)]
        public required ImmutableArray<Tree> Children { get; init; }

        [Field(3)]
        public Tree? Twin { get; init; }
    }

    [NetabaseModel(1)]
    public sealed partial record Scalars
    {
        [PrimaryKey(1)]
        public required long Id { get; init; }

        [Field(2)]
        public bool Bool { get; init; }

        [Field(3)]
        public sbyte Int8 { get; init; }

        [Field(4)]
        public short Int16 { get; init; }

        [Field(5)]
        public int Int32 { get; init; }

        [Field(6)]
        public long Int64 { get; init; }

        [Field(7)]
        public Int128 Int128 { get; init; }

        [Field(8)]
        public byte UInt8 { get; init; }

        [Field(9)]
        public ushort UInt16 { get; init; }

        [Field(10)]
        public uint UInt32 { get; init; }

        [Field(11)]
        public ulong UInt64 { get; init; }

        [Field(12)]
        public UInt128 UInt128 { get; init; }

        [Field(13)]
        public char Char { get; init; }

        [Field(14)]
        public float Single { get; init; }

        [Field(15)]
        public double Double { get; init; }

        [Field(16)]
        public decimal Decimal { get; init; }

        [Field(17)]
        public string String { get; init; } = "";

        [Field(18)]
        public Guid Guid { get; init; }

        [Field(19)]
        public DateTimeOffset DateTimeOffset { get; init; }

        [Field(20)]
        public DateTime DateTime { get; init; }

        [Field(21)]
        public DateOnly DateOnly { get; init; }

        [Field(22)]
        public TimeOnly TimeOnly { get; init; }

        [Field(23)]
        public TimeSpan TimeSpan { get; init; }

        [Field(24)]
        public Colour Colour { get; init; }

        [Field(25)]
        public Tiny Tiny { get; init; }

        [Field(26)]
        public Vast Vast { get; init; }

        [Field(27)]
        public byte[] Bytes { get; init; } = [];

        [Field(28)]
        public ReadOnlyMemory<byte> Memory { get; init; }

        [Field(29)]
        public Payload Payload { get; init; }

        [Field(30)]
        public ImmutableArray<byte> ImmutableBytes { get; init; } = [];

        [Field(31)]
        public Address Address { get; init; } = new();

        [Field(2048)]
        public Point Point { get; init; }

        [Field(536_870_911)]
        public int Last { get; init; }
    }

    [NetabaseModel(2)]
    public sealed partial record Nullables
    {
        [PrimaryKey(1)]
        public required string Id { get; init; }

        [SecondaryKey(2)]
        public bool? Bool { get; init; }

        [SecondaryKey(3)]
        public int? Int32 { get; init; }

        [SecondaryKey(4)]
        public ulong? UInt64 { get; init; }

        [SecondaryKey(5)]
        public double? Double { get; init; }

        [SecondaryKey(6)]
        public decimal? Decimal { get; init; }

        [SecondaryKey(7)]
        public string? String { get; init; }

        [SecondaryKey(8)]
        public Guid? Guid { get; init; }

        [SecondaryKey(9)]
        public DateTimeOffset? DateTimeOffset { get; init; }

        [SecondaryKey(10)]
        public DateTime? DateTime { get; init; }

        [SecondaryKey(11)]
        public DateOnly? DateOnly { get; init; }

        [SecondaryKey(12)]
        public TimeOnly? TimeOnly { get; init; }

        [SecondaryKey(13)]
        public TimeSpan? TimeSpan { get; init; }

        [SecondaryKey(14)]
        public Colour? Colour { get; init; }

        [SecondaryKey(15)]
        public Vast? Vast { get; init; }

        [SecondaryKey(16)]
        public byte[]? Bytes { get; init; }

        [SecondaryKey(17)]
        public ReadOnlyMemory<byte>? Memory { get; init; }

        [SecondaryKey(18)]
        public Address? Address { get; init; }

        [SecondaryKey(19)]
        public Point? Point { get; init; }

        [Field(20)]
        public Tree? Tree { get; init; }
    }

    [NetabaseModel(3)]
    public sealed partial record Collections
    {
        [PrimaryKey(1)]
        public required Point Id { get; init; }

        [Field(2)]
        public List<int> Ints { get; init; } = [];

        [Field(3)]
        public long[] Longs { get; init; } = [];

        [Field(4)]
        public ImmutableArray<double> Doubles { get; init; } = [];

        [Field(5)]
        public IReadOnlyList<string> Strings { get; init; } = [];

        [Field(6)]
        public byte[][] Blobs { get; init; } = [];

        [Field(7)]
        public ImmutableArray<Address> Addresses { get; init; } = [];

        [Field(8)]
        public List<Point> Points { get; init; } = [];

        [Field(9)]
        public Colour[] Colours { get; init; } = [];

        [Field(10)]
        public Vast[] Vasts { get; init; } = [];

        [Field(11)]
        public Guid[] Guids { get; init; } = [];

        [Field(12)]
        public DateTimeOffset[] Moments { get; init; } = [];

        [Field(13)]
        public decimal[] Decimals { get; init; } = [];

        [Field(14)]
        public bool[] Bools { get; init; } = [];

        [Field(15)]
        public float[] Floats { get; init; } = [];

        [Field(16)]
        public Dictionary<string, int> Scores { get; init; } = [];

        [Field(17)]
        public IReadOnlyDictionary<int, Address> ByNumber { get; init; } = new Dictionary<int, Address>();

        [Field(18)]
        public ImmutableDictionary<Guid, string> ByGuid { get; init; } = ImmutableDictionary<Guid, string>.Empty;

        [Field(19)]
        public Dictionary<Colour, byte[]> ByColour { get; init; } = [];

        [Field(20)]
        public DateOnly[] Days { get; init; } = [];

        [Field(21)]
        public List<Tree> Trees { get; init; } = [];

        [Field(22)]
        public uint[] UInts { get; init; } = [];
    }
}
