using MemoryPack;
using MessagePack;

namespace Netabase.Data.Benchmarks.Codec;

/// <summary>The record of the codec table, once for each contestant: string(25), long, Guid, DateTimeOffset(+02:00), 4 strings, 8 longs, 1 KiB.</summary>
[NetabaseDefinition("benchmarks")]
public static partial class Readings
{
    [NetabaseModel(1)]
    public sealed partial record Reading
    {
        [Field(1)]
        public required string Name { get; init; }

        [Field(2)]
        public required long Sequence { get; init; }

        [PrimaryKey(3)]
        public required Guid Id { get; init; }

        [Field(4)]
        public required DateTimeOffset TakenAt { get; init; }

        [Field(5)]
        public required string[] Labels { get; init; }

        [Field(6)]
        public required long[] Counters { get; init; }

        [Field(7)]
        public required byte[] Blob { get; init; }
    }
}

[MemoryPackable]
public sealed partial record MemoryPackReading
{
    public required string Name { get; init; }

    public required long Sequence { get; init; }

    public required Guid Id { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    public required string[] Labels { get; init; }

    public required long[] Counters { get; init; }

    public required byte[] Blob { get; init; }
}

[MessagePackObject]
public sealed record MessagePackReading
{
    [Key(0)]
    public required string Name { get; init; }

    [Key(1)]
    public required long Sequence { get; init; }

    [Key(2)]
    public required Guid Id { get; init; }

    [Key(3)]
    public required DateTimeOffset TakenAt { get; init; }

    [Key(4)]
    public required string[] Labels { get; init; }

    [Key(5)]
    public required long[] Counters { get; init; }

    [Key(6)]
    public required byte[] Blob { get; init; }
}
