using System.Buffers;
using Netabase.Actors.Settings;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Wire;
using Netabase.Transport;
using Netabase.Transport.Connections;
using Netabase.Transport.RequestResponse;

namespace Netabase.Actors.Kademlia;

/// <summary>An answer as it travels; how it is read depends on what was asked.</summary>
internal sealed record DhtReply(Payload Bytes);

/// <summary>The DHT's messages over streams: the pure codec behind the ports of requests and answers.</summary>
internal sealed class DhtProtocol
{
    /// <summary>An answer names up to k peers with their addresses beside the record.</summary>
    private const int AnswerFactor = 4;

    private const int PeerMax = 8 * 1024;
    private const int RecordKeyMax = RecordKey.PrimaryKeyMax + DefinitionName.LengthMax + 4;

    // As in go-libp2p: what is provided is named by a multihash.
    internal const int ProviderKeyMax = 80;

    private readonly KademliaCodec _codec;

    public DhtProtocol(KademliaSettings settings)
    {
        var answerMax = (int)Math.Min((long)AnswerFactor * settings.PacketMax, KademliaWireBounds.HardMax);
        _codec = new KademliaCodec(new KademliaWireBounds(
            answerMax, PeerMax, Math.Max(settings.Replication, settings.Held.ProvidersPerKeyMax), settings.Routing.AddressesMax, RecordKeyMax, ProviderKeyMax));
        Wire = new RequestProtocol<KademliaRequest, DhtReply>(new ProtocolId(settings.Protocol), new Requests(_codec), new Replies())
        {
            MaxRequest = settings.PacketMax,
            MaxResponse = answerMax,
        };
    }

    /// <summary>Under its configured name.</summary>
    public RequestProtocol<KademliaRequest, DhtReply> Wire { get; }

    /// <summary>Reads the answer to a request.</summary>
    /// <exception cref="TransportException">It is none.</exception>
    public KademliaAnswer Read(KademliaRequest request, DhtReply reply) =>
        _codec.DecodeAnswer(request, reply.Bytes.Span, out var fault) ?? throw Bad(fault);

    private static TransportException Bad(KademliaFault? fault) => new(TransportError.InvalidData, $"A message of the DHT cannot be read: {fault?.Detail}.");

    private sealed class Requests(KademliaCodec codec) : IMessageCodec<KademliaRequest>
    {
        public void Encode(KademliaRequest message, IBufferWriter<byte> writer) => writer.Write(KademliaCodec.EncodeRequest(message).Span);

        public KademliaRequest Decode(ReadOnlySpan<byte> bytes) =>
            codec.DecodeRequest(bytes, out var fault) ?? throw Bad(fault);
    }

    private sealed class Replies : IMessageCodec<DhtReply>
    {
        public void Encode(DhtReply message, IBufferWriter<byte> writer) => writer.Write(message.Bytes.Span);

        public DhtReply Decode(ReadOnlySpan<byte> bytes) => new(Payload.Copy(bytes));
    }
}
