using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Netabase.Daemon.Protos;
using Netabase.Multiformats;
using Netabase.Transport;
using Netabase.Transport.Connections;
using Netabase.Transport.Network;

namespace Netabase.Daemon;

/// <summary>
/// Serves one control connection: request after request, until one opens a stream, from where on the connection carries
/// that stream's bytes.
/// </summary>
internal sealed class ControlSession(IPeerNetwork network, IDaemonDht? dht, ControlChannel client)
{
    private readonly DhtRequests? _dht = dht is null ? null : new DhtRequests(dht);
    private static readonly TimeSpan RequestDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan IdleDeadline = TimeSpan.FromMinutes(10);

    /// <summary>Runs until the client leaves, stays silent for ten minutes, or a stream it opened has ended.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (await NextAsync(cancellation) is { } request)
        {
            if (request.Type == Request.Types.Type.StreamOpen)
            {
                await OpenStreamAsync(request.StreamOpen, cancellation);
                return;
            }

            using var deadline = Deadline(RequestDeadline, cancellation);
            foreach (var message in await AnswerAsync(request, deadline.Token))
            {
                await client.WriteMessageAsync(message, cancellation);
            }
        }
    }

    private async Task<Request?> NextAsync(CancellationToken cancellation)
    {
        using var idle = Deadline(IdleDeadline, cancellation);
        return await client.ReadMessageAsync(Request.Parser, idle.Token);
    }

    private async Task<IReadOnlyList<IMessage>> AnswerAsync(Request request, CancellationToken cancellation)
    {
        try
        {
            if (request.Type == Request.Types.Type.Dht && _dht is not null)
            {
                return await _dht.AnswerAsync(request.Dht, cancellation);
            }

            Response answer = request.Type switch
            {
                Request.Types.Type.Identify => Identify(),
                Request.Types.Type.Connect => await ConnectAsync(request.Connect, cancellation),
                Request.Types.Type.StreamHandler => Handle(request.StreamHandler),
                Request.Types.Type.ListPeers => ListPeers(),
                Request.Types.Type.Disconnect => await DisconnectAsync(request.Disconnect, cancellation),
                Request.Types.Type.Connmanager => Tag(request.ConnManager),
                Request.Types.Type.Peerstore => LookUp(request.PeerStore),
                _ => Error($"This daemon does not serve {request.Type}."),
            };
            return [answer];
        }
        catch (Exception error) when (IsExpected(error))
        {
            return [Error(error.Message)];
        }
    }

    private Response Identify()
    {
        var identify = new IdentifyResponse { Id = Bytes(network.LocalPeer) };
        identify.Addrs.AddRange(network.ListenAddresses.Select(Bytes));
        return new Response { Type = Response.Types.Type.Ok, Identify = identify };
    }

    private async Task<Response> ConnectAsync(ConnectRequest? request, CancellationToken cancellation)
    {
        var peer = PeerId.FromBytes(Required(request?.Peer).Span);
        using var deadline = Deadline(SecondsOr(RequestDeadline, request!.HasTimeout, request.Timeout), cancellation);
        await network.ConnectAsync(peer, [.. request.Addrs.Select(address => Multiaddr.FromBytes(address.Span))], deadline.Token);
        return Ok();
    }

    private Response ListPeers()
    {
        var response = Ok();
        foreach (var connection in network.Connections.DistinctBy(connection => connection.Info.Peer))
        {
            var peer = new PeerInfo { Id = Bytes(connection.Info.Peer) };
            peer.Addrs.Add(Bytes(connection.Info.RemoteAddress));
            response.Peers.Add(peer);
        }

        return response;
    }

    private async Task<Response> DisconnectAsync(DisconnectRequest? request, CancellationToken cancellation)
    {
        await network.DisconnectAsync(PeerId.FromBytes(Required(request?.Peer).Span), cancellation);
        return Ok();
    }

    private Response Tag(ConnManagerRequest? request)
    {
        var peer = PeerId.FromBytes(Required(request?.Peer).Span);
        switch (request!.Type)
        {
            case ConnManagerRequest.Types.Type.TagPeer:
                network.Protect(peer, request.Tag);
                return Ok();
            case ConnManagerRequest.Types.Type.UntagPeer:
                network.Unprotect(peer, request.Tag);
                return Ok();
            default:
                return Error("Connections are trimmed when there are too many, not on request.");
        }
    }

    private Response LookUp(PeerstoreRequest? request)
    {
        var peer = PeerId.FromBytes(Required(request?.Id).Span);
        var found = new PeerstoreResponse { Peer = new PeerInfo { Id = Bytes(peer) } };
        found.Peer.Addrs.AddRange(network.Peers.Addresses(peer).Select(known => Bytes(known.Address)));
        found.Protos.AddRange(network.Peers.Protocols(peer).Select(protocol => protocol.Name));
        return new Response { Type = Response.Types.Type.Ok, PeerStore = found };
    }

    /// <summary>Every inbound stream of the protocol is carried to where the client listens, preceded by a message that says whose it is.</summary>
    private Response Handle(StreamHandlerRequest? request)
    {
        var address = Multiaddr.FromBytes(Required(request?.Addr).Span);
        if (!address.TryGetIpEndpoint(MultiaddrProtocol.Tcp, out var ip, out var port))
        {
            return Error("Streams are handed over on TCP addresses only.");
        }

        var target = new IPEndPoint(ip, port);
        foreach (var protocol in request!.Proto.Select(name => new ProtocolId(name)))
        {
            network.Unhandle(protocol);
            network.Handle(protocol, (stream, cancellation) => HandOverAsync(stream, target, cancellation));
        }

        return Ok();
    }

    private static async Task HandOverAsync(IPeerStream stream, IPEndPoint target, CancellationToken cancellation)
    {
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var client = new ControlChannel(socket);
        using (var deadline = Deadline(TimeSpan.FromSeconds(10), cancellation))
        {
            await socket.ConnectAsync(target, deadline.Token);
            await client.WriteMessageAsync(Describe(stream), deadline.Token);
        }

        await StreamBridge.RunAsync(client, stream, cancellation);
    }

    private async Task OpenStreamAsync(StreamOpenRequest? request, CancellationToken cancellation)
    {
        IPeerStream stream;
        try
        {
            var peer = PeerId.FromBytes(Required(request?.Peer).Span);
            using var deadline = Deadline(SecondsOr(RequestDeadline, request!.HasTimeout, request.Timeout), cancellation);
            stream = await network.OpenStreamAsync(peer, [.. request.Proto.Select(name => new ProtocolId(name))], deadline.Token);
        }
        catch (Exception error) when (IsExpected(error))
        {
            await client.WriteMessageAsync(Error(error.Message), cancellation);
            return;
        }

        await using (stream)
        {
            await client.WriteMessageAsync(
                new Response { Type = Response.Types.Type.Ok, StreamInfo = Describe(stream) }, cancellation);
            await StreamBridge.RunAsync(client, stream, cancellation);
        }
    }

    private static StreamInfo Describe(IPeerStream stream) => new()
    {
        Peer = Bytes(stream.Peer),
        Addr = Bytes(stream.Connection.RemoteAddress),
        Proto = stream.Protocol.Name,
    };

    private static ByteString Required(ByteString? field) =>
        field is { IsEmpty: false } ? field : throw new InvalidDataException("The request lacks a field.");

    private static TimeSpan SecondsOr(TimeSpan otherwise, bool given, long seconds) =>
        given && seconds is > 0 and <= 3600 ? TimeSpan.FromSeconds(seconds) : otherwise;

    private static CancellationTokenSource Deadline(TimeSpan time, CancellationToken cancellation)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        source.CancelAfter(time);
        return source;
    }

    private static bool IsExpected(Exception error) => error is
        TransportException or NetabaseException or MultiformatException or InvalidDataException or InvalidOperationException or OperationCanceledException;

    private static Response Ok() => new() { Type = Response.Types.Type.Ok };

    private static Response Error(string message) =>
        new() { Type = Response.Types.Type.Error, Error = new ErrorResponse { Msg = message } };

    private static ByteString Bytes(PeerId peer) => ByteString.CopyFrom(peer.Multihash.Span);

    private static ByteString Bytes(Multiaddr address) => ByteString.CopyFrom(address.Bytes.Span);
}
