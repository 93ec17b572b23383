using System.Collections.Immutable;

namespace Netabase.Protocol.Kademlia.Wire;

/// <summary>
/// libp2p kad-dht on the wire, both roles: one protobuf message a request and one an answer (the frame's length belongs to the
/// stream). What is read is bounded, and what is wrong with it is said in a <see cref="KademliaFault"/>, never in an exception.
/// </summary>
/// <param name="bounds">Bounds of what is read.</param>
public sealed class KademliaCodec(KademliaWireBounds bounds)
{
    /// <summary>A request of ours.</summary>
    public static Payload EncodeRequest(KademliaRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (request switch
        {
            KademliaRequest.FindNode find => Message(WireMessageType.FindNode, find.Key),
            KademliaRequest.GetValue get => Message(WireMessageType.GetValue, get.Key),
            KademliaRequest.PutValue put => Message(WireMessageType.PutValue, put.Record.Key, put.Record),
            KademliaRequest.GetProviders get => Message(WireMessageType.GetProviders, get.Key),
            KademliaRequest.AddProvider add => Message(WireMessageType.AddProvider, add.Key) with { Providers = add.Providers },
            _ => Message(WireMessageType.Ping, default),
        }).Encode();
    }

    /// <summary>Our answer; empty for an announcement, which nobody answers.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="receivedAt">When the record in it was received, in unix milliseconds, or null.</param>
    public static Payload EncodeAnswer(KademliaRequest request, KademliaAnswer answer, long? receivedAt = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answer);
        return request switch
        {
            KademliaRequest.FindNode find => (Message(WireMessageType.FindNode, find.Key) with { Closer = answer.Closer }).Encode(),
            KademliaRequest.GetValue get => (Message(WireMessageType.GetValue, get.Key, answer.Record) with { Closer = answer.Closer }).Encode(receivedAt),
            KademliaRequest.GetProviders get =>
                (Message(WireMessageType.GetProviders, get.Key) with { Closer = answer.Closer, Providers = answer.Providers }).Encode(),
            KademliaRequest.AddProvider => default,

            // Who is asked to hold a record says it back, and the asker compares.
            _ => EncodeRequest(request),
        };
    }

    /// <summary>Reads a request of somebody; null, and what is wrong with it, when it is none.</summary>
    public KademliaRequest? DecodeRequest(ReadOnlySpan<byte> bytes, out KademliaFault? fault) =>
        WireMessage.Decode(bytes, bounds, out fault) is { } message ? Request(message, out fault) : null;

    /// <summary>Reads the answer to a request of ours; null, and what is wrong with it, when it is none.</summary>
    public KademliaAnswer? DecodeAnswer(KademliaRequest request, ReadOnlySpan<byte> bytes, out KademliaFault? fault)
    {
        ArgumentNullException.ThrowIfNull(request);
        return WireMessage.Decode(bytes, bounds, out fault) is { } message ? Answer(request, message, out fault) : null;
    }

    private KademliaRequest? Request(WireMessage message, out KademliaFault? fault)
    {
        var keyMax = message.Type is WireMessageType.AddProvider or WireMessageType.GetProviders ? bounds.ProviderKeyMax : bounds.KeyMax;
        fault = message.Type != WireMessageType.Ping && (message.Key.IsEmpty || message.Key.Length > keyMax)
            ? new KademliaFault(KademliaFaultKind.BadKey, $"a key of {message.Key.Length} bytes; {message.Type} has 1 to {keyMax}")
            : null;
        if (fault is not null)
        {
            return null;
        }

        switch (message.Type)
        {
            case WireMessageType.FindNode: return new KademliaRequest.FindNode(message.Key);
            case WireMessageType.GetValue: return new KademliaRequest.GetValue(message.Key);
            case WireMessageType.GetProviders: return new KademliaRequest.GetProviders(message.Key);
            case WireMessageType.AddProvider: return new KademliaRequest.AddProvider(message.Key, message.Providers);
            case WireMessageType.Ping: return new KademliaRequest.Ping();
            default:
                if (message.Record is { } record && record.Key == message.Key && !record.Value.IsEmpty)
                {
                    return new KademliaRequest.PutValue(record);
                }

                fault = new KademliaFault(KademliaFaultKind.BadRecord, "a put without a record, or one under another key");
                return null;
        }
    }

    private static KademliaAnswer? Answer(KademliaRequest request, WireMessage message, out KademliaFault? fault)
    {
        fault = message.Type == TypeOf(request)
            ? null
            : new KademliaFault(KademliaFaultKind.WrongAnswer, $"{message.Type} as the answer to {TypeOf(request)}");
        if (fault is not null)
        {
            return null;
        }

        switch (request)
        {
            case KademliaRequest.PutValue put when message.Record?.Value != put.Record.Value:
                fault = new KademliaFault(KademliaFaultKind.WrongAnswer, "another record is confirmed than was put");
                return null;
            case KademliaRequest.GetValue get when message.Record is { } record:
                if (record.Key != get.Key)
                {
                    fault = new KademliaFault(KademliaFaultKind.BadRecord, "a record of another key than was asked for");
                    return null;
                }

                return new KademliaAnswer(message.Closer, record, []);
            case KademliaRequest.GetProviders:
                return new KademliaAnswer(message.Closer, null, message.Providers);
            default:
                return KademliaAnswer.Peers(message.Closer);
        }
    }

    private static WireMessageType TypeOf(KademliaRequest request) => request switch
    {
        KademliaRequest.FindNode => WireMessageType.FindNode,
        KademliaRequest.GetValue => WireMessageType.GetValue,
        KademliaRequest.PutValue => WireMessageType.PutValue,
        KademliaRequest.GetProviders => WireMessageType.GetProviders,
        KademliaRequest.AddProvider => WireMessageType.AddProvider,
        _ => WireMessageType.Ping,
    };

    private static WireMessage Message(WireMessageType type, Payload key, CarriedRecord? record = null) =>
        new(type, key, record, ImmutableArray<KademliaPeer>.Empty, ImmutableArray<KademliaPeer>.Empty);
}
