using System.Buffers.Binary;

namespace Netabase.Paxos.Benchmarks.Client;

/// <summary>
/// The small protocol between the load and a member that has none of its own: requests of many clients share a connection and
/// are told apart by a number. Frames are a length, a number, a byte, and the rest.
/// </summary>
internal static class Front
{
    public const byte Write = 1;
    public const byte Read = 2;
    public const byte Status = 3;

    public const byte Ok = 0;
    public const byte NotLeader = 1;
    public const byte Failed = 2;

    private const int Header = 9;

    public static byte[] Frame(uint number, byte kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var frame = new byte[Header + 2 + first.Length + second.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - 4);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), number);
        frame[8] = kind;
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(Header), (ushort)first.Length);
        first.CopyTo(frame.AsSpan(Header + 2));
        second.CopyTo(frame.AsSpan(Header + 2 + first.Length));
        return frame;
    }

    /// <summary>Takes the frame at the beginning of what was received, when it is whole.</summary>
    public static bool TryTake(ReadOnlySpan<byte> received, out FrontFrame frame)
    {
        frame = default;
        if (received.Length < 4)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(received);
        if (received.Length < 4 + length)
        {
            return false;
        }

        var first = BinaryPrimitives.ReadUInt16LittleEndian(received[Header..]);
        frame = new FrontFrame(
            BinaryPrimitives.ReadUInt32LittleEndian(received[4..]),
            received[8],
            received.Slice(Header + 2, first).ToArray(),
            received[(Header + 2 + first)..(4 + length)].ToArray(),
            4 + length);
        return true;
    }
}

internal readonly record struct FrontFrame(uint Number, byte Kind, byte[] First, byte[] Second, int Length);
