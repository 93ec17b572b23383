using System.Collections.Immutable;
using System.Globalization;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia.Wire;

/// <summary>The kinds of messages by their numbers on the wire.</summary>
internal enum WireMessageType
{
    PutValue = 0,
    GetValue = 1,
    AddProvider = 2,
    GetProviders = 3,
    FindNode = 4,
    Ping = 5,
}

/// <summary>The one protobuf message of libp2p's kad-dht, as it stands on the wire: every kind of request and answer has its form.</summary>
internal sealed record WireMessage(
    WireMessageType Type, Payload Key, CarriedRecord? Record, ImmutableArray<KademliaPeer> Closer, ImmutableArray<KademliaPeer> Providers)
{
    private const uint TypeTag = 1 << 3;
    private const uint KeyTag = (2 << 3) | 2;
    private const uint RecordTag = (3 << 3) | 2;
    private const uint CloserTag = (8 << 3) | 2;
    private const uint ProvidersTag = (9 << 3) | 2;
    private const uint ClusterLevelTag = 10 << 3;

    private const uint RecordKeyTag = (1 << 3) | 2;
    private const uint RecordValueTag = (2 << 3) | 2;
    private const uint TimeReceivedTag = (5 << 3) | 2;

    private const uint PeerIdTag = (1 << 3) | 2;
    private const uint PeerAddressTag = (2 << 3) | 2;
    private const uint PeerConnectionTag = 3 << 3;

    /// <param name="receivedAt">When we received the record we answer with, in unix milliseconds; null where that is nobody's matter.</param>
    public Payload Encode(long? receivedAt = null)
    {
        var writer = new WireWriter(new byte[512]);
        writer.Write(TypeTag, (ulong)Type);
        writer.Write(KeyTag, Key.Span);
        if (Record is { } record)
        {
            var start = writer.BeginLength(RecordTag);
            writer.Write(RecordKeyTag, record.Key.Span);
            writer.Write(RecordValueTag, record.Value.Span);
            if (receivedAt is { } at)
            {
                writer.Write(TimeReceivedTag, Rfc3339(at));
            }

            writer.EndLength(start);
        }

        WritePeers(ref writer, CloserTag, Closer);
        WritePeers(ref writer, ProvidersTag, Providers);
        var bytes = Payload.Copy(writer.Written);
        writer.Dispose();
        return bytes;
    }

    /// <summary>Reads a message. Of a field that comes twice the last one counts, lists go on, as protobuf has it.</summary>
    public static WireMessage? Decode(ReadOnlySpan<byte> bytes, KademliaWireBounds bounds, out KademliaFault? fault)
    {
        fault = bytes.Length > Math.Min(bounds.MessageMax, KademliaWireBounds.HardMax)
            ? new KademliaFault(KademliaFaultKind.TooLarge, $"a message of {bytes.Length} bytes, the most is {bounds.MessageMax}")
            : null;
        if (fault is not null)
        {
            return null;
        }

        try
        {
            return Read(bytes, bounds, out fault);
        }
        catch (RecordFormatException e)
        {
            fault = new KademliaFault(KademliaFaultKind.Malformed, e.Message);
            return null;
        }
    }

    private static WireMessage? Read(ReadOnlySpan<byte> bytes, KademliaWireBounds bounds, out KademliaFault? fault)
    {
        fault = null;
        var type = 0ul;
        Payload key = default;
        CarriedRecord? record = null;
        var closer = ImmutableArray.CreateBuilder<KademliaPeer>();
        var providers = ImmutableArray.CreateBuilder<KademliaPeer>();
        var reader = new WireReader(bytes);
        for (var tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            switch (tag)
            {
                case TypeTag: type = reader.ReadUInt64(); break;
                case KeyTag: key = reader.ReadPayload(); break;
                case RecordTag: record = ReadRecord(reader.ReadPayload().Span); break;
                case CloserTag: ReadPeer(reader.ReadPayload().Span, bounds, closer); break;
                case ProvidersTag: ReadPeer(reader.ReadPayload().Span, bounds, providers); break;
                case ClusterLevelTag: _ = reader.ReadUInt64(); break;
                default: reader.Skip(tag, [1, 2, 3, 8, 9, 10]); break;
            }
        }

        if (type > (ulong)WireMessageType.Ping)
        {
            fault = new KademliaFault(KademliaFaultKind.UnknownType, $"a message of type {type}");
            return null;
        }

        return new WireMessage((WireMessageType)type, key, record, closer.ToImmutable(), providers.ToImmutable());
    }

    private static CarriedRecord ReadRecord(ReadOnlySpan<byte> bytes)
    {
        Payload key = default, value = default;
        var reader = new WireReader(bytes);
        for (var tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            switch (tag)
            {
                case RecordKeyTag: key = reader.ReadPayload(); break;
                case RecordValueTag: value = reader.ReadPayload(); break;
                default: reader.Skip(tag, [1, 2]); break;
            }
        }

        return new CarriedRecord(key, value);
    }

    // One peer in a foreign form must not cost us the others: it is passed over, as an address in a foreign form is.
    private static void ReadPeer(ReadOnlySpan<byte> bytes, KademliaWireBounds bounds, ImmutableArray<KademliaPeer>.Builder into)
    {
        if (bytes.Length > bounds.PeerMax || into.Count >= bounds.PeersMax)
        {
            return;
        }

        Payload id = default;
        var addresses = ImmutableArray.CreateBuilder<Multiaddr>();
        var reader = new WireReader(bytes);
        for (var tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            switch (tag)
            {
                case PeerIdTag:
                    id = reader.ReadPayload();
                    break;
                case PeerAddressTag:
                    if (Multiaddr.TryFromBytes(reader.ReadPayload().Span, out var address) && addresses.Count < bounds.AddressesMax)
                    {
                        addresses.Add(address);
                    }

                    break;
                case PeerConnectionTag:
                    _ = reader.ReadUInt64();
                    break;
                default:
                    reader.Skip(tag, [1, 2, 3]);
                    break;
            }
        }

        if (PeerId.TryFromBytes(id.Span, out var peer))
        {
            into.Add(KademliaPeer.Of(peer, addresses.ToImmutable()));
        }
    }

    private static void WritePeers(ref WireWriter writer, uint tag, ImmutableArray<KademliaPeer> peers)
    {
        foreach (var peer in peers)
        {
            var start = writer.BeginLength(tag);
            writer.Write(PeerIdTag, peer.Id.Multihash.Span);
            foreach (var address in peer.Addresses)
            {
                writer.WriteAlways(PeerAddressTag, address.Bytes.Span);
            }

            writer.EndLength(start);
        }
    }

    private static string Rfc3339(long unixMilliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
