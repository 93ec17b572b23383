namespace Netabase.Actors.Paxos;

/// <summary>Protobuf's wire types, as the low bits of a tag.</summary>
internal static class WireKind
{
    public const uint Varint = 0;
    public const uint Bytes = 2;
}
