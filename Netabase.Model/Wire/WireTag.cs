namespace Netabase;

/// <summary>Protobuf wire types, and the tags within the records that stand for types protobuf does not have.</summary>
internal static class WireTag
{
    public const uint Varint = 0;
    public const uint Fixed64 = 1;
    public const uint Length = 2;
    public const uint GroupStart = 3;
    public const uint GroupEnd = 4;
    public const uint Fixed32 = 5;

    public const byte MomentTicks = (1 << 3) | (byte)Fixed64;
    public const byte MomentSecond = (2 << 3) | (byte)Varint;

    public const byte DecimalLow = (1 << 3) | (byte)Varint;
    public const byte DecimalHigh = (2 << 3) | (byte)Varint;
    public const byte DecimalSignScale = (3 << 3) | (byte)Varint;
}
