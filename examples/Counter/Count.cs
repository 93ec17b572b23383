using System.Buffers.Binary;

namespace Netabase.Examples.Counter;

/// <summary>One number, the same on every member: each applies the same additions in the same order.</summary>
internal sealed class Count : IReplicatedState<long, long>
{
    private const int Size = sizeof(long);

    public long Value { get; private set; }

    public long Apply(long command, LogMoment moment) => Value += command;

    public Payload Freeze() => Write(Value);

    public void Restore(Payload frozen) => Value = Read(frozen);

    public Payload WriteCommand(long command) => Write(command);

    public long ReadCommand(Payload bytes) => Read(bytes);

    public Payload WriteResult(long result) => Write(result);

    public long ReadResult(Payload bytes) => Read(bytes);

    private static Payload Write(long number)
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return new Payload(bytes);
    }

    private static long Read(Payload bytes) =>
        bytes.Length == Size ? BinaryPrimitives.ReadInt64LittleEndian(bytes.Span) : throw new RecordFormatException($"A number has {Size} bytes.");
}
