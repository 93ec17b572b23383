using System.Buffers.Binary;

namespace Netabase.Transport.Yamux;

/// <summary>What a frame carries (yamux specification, "type field").</summary>
internal enum YamuxType : byte
{
    /// <summary>Payload of a stream; the length counts it.</summary>
    Data = 0,

    /// <summary>More window for a stream; the length is the increment, or the error code beside RST.</summary>
    WindowUpdate = 1,

    /// <summary>A question (SYN) or its answer (ACK); the length is an opaque value to repeat.</summary>
    Ping = 2,

    /// <summary>No new streams from now on; the length is a <see cref="GoAwayCode"/>.</summary>
    GoAway = 3,
}

/// <summary>Flags of a stream frame or a ping; unknown bits are ignored as the other implementations do.</summary>
[Flags]
internal enum YamuxFlags : ushort
{
    /// <summary>Nothing changes but what the type says.</summary>
    None = 0,

    /// <summary>Opens a stream, or asks by ping.</summary>
    Syn = 1,

    /// <summary>Accepts a stream, or answers a ping.</summary>
    Ack = 2,

    /// <summary>The sender will write no more.</summary>
    Fin = 4,

    /// <summary>Both directions end at once.</summary>
    Rst = 8,
}

/// <summary>Why a side ends its session.</summary>
internal enum GoAwayCode : uint
{
    /// <summary>An orderly end.</summary>
    Normal = 0,

    /// <summary>The other side broke the rules.</summary>
    ProtocolError = 1,

    /// <summary>Something failed at the sender.</summary>
    InternalError = 2,
}

/// <summary>A frame's twelve bytes, big-endian: version 0, type, flags, stream, length.</summary>
internal readonly record struct YamuxHeader(YamuxType Type, YamuxFlags Flags, uint StreamId, uint Length)
{
    /// <summary>Bytes of a header.</summary>
    internal const int Size = 12;

    /// <summary>Writes the header into the first twelve bytes.</summary>
    internal void Write(Span<byte> target)
    {
        target[0] = 0;
        target[1] = (byte)Type;
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)Flags);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], StreamId);
        BinaryPrimitives.WriteUInt32BigEndian(target[8..], Length);
    }

    /// <summary>Reads twelve bytes; false for another version or an unknown type, both of which end the session.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> source, out YamuxHeader header)
    {
        header = new YamuxHeader(
            (YamuxType)source[1],
            (YamuxFlags)BinaryPrimitives.ReadUInt16BigEndian(source[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[8..]));
        return source[0] == 0 && header.Type <= YamuxType.GoAway;
    }

    /// <summary>Whether the flag is set.</summary>
    internal bool Has(YamuxFlags flag) => (Flags & flag) != 0;
}
