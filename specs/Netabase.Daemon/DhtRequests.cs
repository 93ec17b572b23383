using Google.Protobuf;
using Netabase.Daemon.Protos;
using Netabase.Multiformats;

namespace Netabase.Daemon;

/// <summary>
/// Answers a client's DHT requests. Some answers are one message; lists are a message that begins them, one for each entry and one
/// that ends them, the latter without the response around them (go-libp2p-daemon, dht.go).
/// </summary>
internal sealed class DhtRequests(IDaemonDht dht)
{
    private const int ProvidersMax = 20;

    /// <summary>The messages of the answer, in order.</summary>
    /// <exception cref="InvalidDataException">The request lacks something, or asks for what is not served.</exception>
    public async Task<IReadOnlyList<IMessage>> AnswerAsync(DHTRequest? request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        switch (request.Type)
        {
            case DHTRequest.Types.Type.FindPeer:
                var wanted = PeerId.FromBytes(Required(request.Peer).Span);
                var found = await dht.FindPeerAsync(wanted, cancellation) ?? throw new InvalidDataException($"{wanted} was not found.");
                return [Value(new DHTResponse { Peer = Info(found) })];
            case DHTRequest.Types.Type.GetValue or DHTRequest.Types.Type.SearchValue:
                var value = await dht.GetAsync(Required(request.Key).Memory, cancellation)
                    ?? throw new InvalidDataException("There is no value under that key.");
                return [Value(new DHTResponse { Value = ByteString.CopyFrom(value) })];
            case DHTRequest.Types.Type.GetPublicKey:
                byte[] key = [.. "/pk/"u8, .. Required(request.Peer).Span];
                var encoded = await dht.GetAsync(key, cancellation) ?? throw new InvalidDataException("That peer's key was not found.");
                return [Value(new DHTResponse { Value = ByteString.CopyFrom(encoded) })];
            case DHTRequest.Types.Type.PutValue:
                await dht.PutAsync(Required(request.Key).Memory, Required(request.Value).Memory, cancellation);
                return [Ok()];
            case DHTRequest.Types.Type.Provide:
                await dht.ProvideAsync(MultihashOf(Required(request.Cid)), cancellation);
                return [Ok()];
            case DHTRequest.Types.Type.FindProviders:
                var count = request.Count is > 0 and < ProvidersMax ? request.Count : ProvidersMax;
                var providers = await dht.FindProvidersAsync(MultihashOf(Required(request.Cid)), count, cancellation);
                return List(providers.Select(provider => new DHTResponse { Peer = Info(provider) }));
            case DHTRequest.Types.Type.GetClosestPeers:
                var closest = await dht.ClosestAsync(Required(request.Key).Memory, cancellation);
                return List(closest.Select(peer => new DHTResponse { Value = ByteString.CopyFrom(peer.Multihash.Span) }));
            default:
                throw new InvalidDataException($"This daemon does not serve {request.Type}.");
        }
    }

    /// <summary>The multihash in a CID: all of one of version 0, and what follows version and codec in one of version 1.</summary>
    internal static ReadOnlyMemory<byte> MultihashOf(ByteString cid)
    {
        const byte Sha256 = 0x12;
        if (cid.Length == 34 && cid[0] == Sha256)
        {
            return cid.Memory;
        }

        var rest = cid.Memory;
        foreach (var what in (string[])["version", "codec"])
        {
            if (UVarint.TryRead(rest.Span, out var number, out var length) != UVarintStatus.Ok || (what == "version" && number != 1))
            {
                throw new InvalidDataException($"A CID without a {what} that is known.");
            }

            rest = rest[length..];
        }

        return rest.IsEmpty ? throw new InvalidDataException("A CID without a multihash.") : rest;
    }

    private static List<IMessage> List(IEnumerable<DHTResponse> entries)
    {
        var begin = Ok();
        begin.Dht = new DHTResponse { Type = DHTResponse.Types.Type.Begin };
        var messages = new List<IMessage> { begin };
        foreach (var entry in entries)
        {
            entry.Type = DHTResponse.Types.Type.Value;
            messages.Add(entry);
        }

        messages.Add(new DHTResponse { Type = DHTResponse.Types.Type.End });
        return messages;
    }

    private static Response Value(DHTResponse value)
    {
        value.Type = DHTResponse.Types.Type.Value;
        var response = Ok();
        response.Dht = value;
        return response;
    }

    private static PeerInfo Info(DhtPeer peer)
    {
        var info = new PeerInfo { Id = ByteString.CopyFrom(peer.Peer.Multihash.Span) };
        info.Addrs.AddRange(peer.Addresses.Select(address => ByteString.CopyFrom(address.Bytes.Span)));
        return info;
    }

    private static Response Ok() => new() { Type = Response.Types.Type.Ok };

    private static ByteString Required(ByteString? field) =>
        field is { IsEmpty: false } ? field : throw new InvalidDataException("The request lacks a field.");
}
