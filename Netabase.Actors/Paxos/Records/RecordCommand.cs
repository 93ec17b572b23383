namespace Netabase.Actors.Paxos.Records;

/// <summary>What a record command asks of the record that is there.</summary>
internal enum Expectation
{
    /// <summary>Nothing.</summary>
    Anything = 0,

    /// <summary>That there is none.</summary>
    Absence = 1,

    /// <summary>That it has the clock named.</summary>
    Version = 2,
}

/// <summary>A write of one record through a log, in the log's own words: every member understands it alike (<c>specs/wire.md</c>).</summary>
/// <param name="Key">Which record.</param>
/// <param name="Value">Its encoded value, or null to remove it.</param>
/// <param name="Expects">What is asked of the record there.</param>
/// <param name="Version">The clock expected, for <see cref="Expectation.Version"/>.</param>
internal sealed record RecordCommand(RecordKey Key, Payload? Value, Expectation Expects = Expectation.Anything, HybridTimestamp Version = default)
{
    private const uint KeyTag = (1 << 3) | WireKind.Bytes;
    private const uint ValueTag = (2 << 3) | WireKind.Bytes;
    private const uint ExpectsTag = (3 << 3) | WireKind.Varint;
    private const uint VersionTag = (4 << 3) | WireKind.Varint;

    public Payload Encode()
    {
        var writer = new WireWriter(stackalloc byte[512]);
        writer.Write(KeyTag, Key.Bytes.Span);
        if (Value is { } value)
        {
            writer.WriteAlways(ValueTag, value.Span);
        }

        writer.WriteEnum(ExpectsTag, (int)Expects);
        writer.Write(VersionTag, Version.Value);
        var bytes = Payload.Copy(writer.Written);
        writer.Dispose();
        return bytes;
    }

    /// <exception cref="RecordFormatException">The bytes are no command.</exception>
    public static RecordCommand Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var key = reader.TryReadTag(KeyTag) ? reader.ReadPayload() : Payload.Empty;
        Payload? value = reader.TryReadTag(ValueTag) ? reader.ReadPayload() : null;
        var expects = reader.TryReadTag(ExpectsTag) ? (Expectation)reader.ReadEnum(0, (int)Expectation.Version) : Expectation.Anything;
        var version = reader.TryReadTag(VersionTag) ? new HybridTimestamp(reader.ReadUInt64()) : HybridTimestamp.Zero;
        if (!reader.IsAtEnd)
        {
            throw new RecordFormatException("A record command is followed by more.");
        }

        return RecordKey.TryParse(key.Span, out var parsed, out _, out _, out var primary) && !primary.IsEmpty
            ? new RecordCommand(parsed, value, expects, version)
            : throw new RecordFormatException("A record command names no record.");
    }
}

/// <summary>What became of a record command, the same on every member; kept so that a retry hears it again.</summary>
/// <param name="IsApplied">Whether it changed the records.</param>
/// <param name="Clock">The record's new clock, where it was put; the clock of the record in the way, where a comparison failed.</param>
/// <param name="Reason">Why it was refused.</param>
internal sealed record RecordResult(bool IsApplied, HybridTimestamp Clock, RefusalReason Reason = default)
{
    private const uint AppliedTag = (1 << 3) | WireKind.Varint;
    private const uint ClockTag = (2 << 3) | WireKind.Varint;
    private const uint ReasonTag = (3 << 3) | WireKind.Varint;

    public Payload Encode()
    {
        var writer = new WireWriter(stackalloc byte[32]);
        writer.Write(AppliedTag, IsApplied);
        writer.Write(ClockTag, Clock.Value);
        writer.WriteEnum(ReasonTag, (int)Reason);
        var bytes = Payload.Copy(writer.Written);
        writer.Dispose();
        return bytes;
    }

    /// <exception cref="RecordFormatException">The bytes are no result.</exception>
    public static RecordResult Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var isApplied = reader.TryReadTag(AppliedTag) && reader.ReadBool();
        var clock = reader.TryReadTag(ClockTag) ? new HybridTimestamp(reader.ReadUInt64()) : HybridTimestamp.Zero;
        var reason = reader.TryReadTag(ReasonTag) ? (RefusalReason)reader.ReadEnum(0, (int)RefusalReason.NoNetwork) : default;
        return reader.IsAtEnd ? new RecordResult(isApplied, clock, reason) : throw new RecordFormatException("A record result is followed by more.");
    }
}
