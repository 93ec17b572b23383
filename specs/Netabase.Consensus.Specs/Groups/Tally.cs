using System.Buffers.Binary;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>The smallest state: a sum. A command adds; zero is a fault.</summary>
internal sealed class Tally : IReplicatedState<long, long>
{
    public long Sum { get; private set; }

    public int Applied { get; private set; }

    public long Apply(long command, LogMoment moment)
    {
        Applied++;
        return command == 0 ? throw new InvalidOperationException("nothing to add") : Sum += command;
    }

    public Payload Freeze() => WriteCommand(Sum);

    public void Restore(Payload frozen) => Sum = ReadCommand(frozen);

    public Payload WriteCommand(long command)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, command);
        return new Payload(bytes);
    }

    public long ReadCommand(Payload bytes) => bytes.Length == 8 ? BinaryPrimitives.ReadInt64LittleEndian(bytes.Span) : throw new RecordFormatException("No number.");

    public Payload WriteResult(long result) => WriteCommand(result);

    public long ReadResult(Payload bytes) => ReadCommand(bytes);
}
