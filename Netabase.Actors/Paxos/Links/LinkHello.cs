namespace Netabase.Actors.Paxos.Links;

/// <summary>Which of a pair's two streams.</summary>
internal enum LinkLane
{
    /// <summary>Votes and everything else that is short.</summary>
    Votes = 0,

    /// <summary>What catches a member up, so that votes do not wait behind it.</summary>
    Bulk = 1,
}

/// <summary>The first frame of a stream, both ways: which group is talked about, so that nobody hears another's votes (<c>specs/wire.md</c>).</summary>
/// <param name="Version">The protocol's version.</param>
/// <param name="Group">The group's name.</param>
/// <param name="Lane">What the stream is for.</param>
internal sealed record LinkHello(uint Version, string Group, LinkLane Lane)
{
    public const uint CurrentVersion = 1;
    public const int BytesMax = 256;

    private const uint VersionTag = (1 << 3) | WireKind.Varint;
    private const uint GroupTag = (2 << 3) | WireKind.Bytes;
    private const uint LaneTag = (3 << 3) | WireKind.Varint;

    public byte[] Encode()
    {
        var writer = new WireWriter(stackalloc byte[BytesMax]);
        writer.Write(VersionTag, Version);
        writer.Write(GroupTag, Group);
        writer.WriteEnum(LaneTag, (int)Lane);
        var bytes = writer.Written.ToArray();
        writer.Dispose();
        return bytes;
    }

    /// <exception cref="RecordFormatException">The bytes are no hello.</exception>
    public static LinkHello Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BytesMax)
        {
            throw new RecordFormatException($"A hello of {bytes.Length} bytes; at most {BytesMax} are.");
        }

        var reader = new WireReader(bytes);
        var version = reader.TryReadTag(VersionTag) ? reader.ReadUInt32() : 0;
        var group = reader.TryReadTag(GroupTag) ? reader.ReadString() : string.Empty;
        var lane = reader.TryReadTag(LaneTag) ? (LinkLane)reader.ReadEnum(0, 1) : LinkLane.Votes;
        return reader.IsAtEnd ? new LinkHello(version, group, lane) : throw new RecordFormatException("A hello is followed by more.");
    }
}
