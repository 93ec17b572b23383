using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Netabase.Daemon;
using Netabase.Daemon.Protos;
using Netabase.Interop.Live;
using Netabase.Multiformats;
using Netabase.Transport.Keys;

namespace Netabase.Interop.Official;

/// <summary>The DHT part of the daemon control protocol, message by message as the daemon client of js-libp2p reads it.</summary>
public sealed class DaemonDhtSpecs
{
    private static readonly byte[] Multihash = [0x12, 32, .. new byte[32]];
    private static readonly PeerId Somebody = PrivateKey.Generate().PublicKey.PeerId;

    [Fact]
    public async Task Values_peers_and_providers_are_answered_as_a_daemon_client_expects_them()
    {
        var dht = new ScriptedDht();
        await using var network = OurNode.Create(Wire.TcpNoise);
        using var listener = new ControlListener(network, dht, Multiaddr.Parse("/ip4/127.0.0.1/tcp/0"));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var serving = listener.RunAsync(stop.Token);
        listener.Address.TryGetIpEndpoint(MultiaddrProtocol.Tcp, out var ip, out var port);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var client = new ControlChannel(socket);
        await socket.ConnectAsync(new IPEndPoint(ip, port), stop.Token);

        async Task<Response> AskAsync(DHTRequest request)
        {
            await client.WriteMessageAsync(new Request { Type = Request.Types.Type.Dht, Dht = request }, stop.Token);
            return (await client.ReadMessageAsync(Response.Parser, stop.Token))!;
        }

        var put = await AskAsync(new DHTRequest
        {
            Type = DHTRequest.Types.Type.PutValue,
            Key = ByteString.CopyFromUtf8("/pk/x"),
            Value = ByteString.CopyFromUtf8("value"),
        });
        Assert.Equal(Response.Types.Type.Ok, put.Type);
        var got = await AskAsync(new DHTRequest { Type = DHTRequest.Types.Type.GetValue, Key = ByteString.CopyFromUtf8("/pk/x") });
        Assert.Equal("value", got.Dht.Value.ToStringUtf8());
        var none = await AskAsync(new DHTRequest { Type = DHTRequest.Types.Type.GetValue, Key = ByteString.CopyFromUtf8("/pk/y") });
        Assert.Equal(Response.Types.Type.Error, none.Type);

        var found = await AskAsync(new DHTRequest { Type = DHTRequest.Types.Type.FindPeer, Peer = ByteString.CopyFrom(Somebody.Multihash.Span) });
        Assert.Equal(Somebody.Multihash.Span, found.Dht.Peer.Id.Span);

        // A CID of version 1 and the one of version 0 name the same thing.
        Assert.Equal(Response.Types.Type.Ok, (await AskAsync(new DHTRequest
        {
            Type = DHTRequest.Types.Type.Provide,
            Cid = ByteString.CopyFrom([1, 0x55, .. Multihash]),
        })).Type);
        var begin = await AskAsync(new DHTRequest { Type = DHTRequest.Types.Type.FindProviders, Cid = ByteString.CopyFrom(Multihash), Count = 1 });
        Assert.Equal(Response.Types.Type.Ok, begin.Type);
        var provider = await client.ReadMessageAsync(DHTResponse.Parser, stop.Token);
        Assert.Equal((DHTResponse.Types.Type.Value, 1), (provider!.Type, provider.Peer.Addrs.Count));
        Assert.Equal(DHTResponse.Types.Type.End, (await client.ReadMessageAsync(DHTResponse.Parser, stop.Token))!.Type);

        await stop.CancelAsync();
        await serving;
    }

    /// <summary>Remembers what it is given.</summary>
    private sealed class ScriptedDht : IDaemonDht
    {
        private readonly Dictionary<string, byte[]> _values = [];
        private readonly HashSet<string> _provided = [];

        public Task<DhtPeer?> FindPeerAsync(PeerId peer, CancellationToken cancellation) => Task.FromResult<DhtPeer?>(Peer(peer));

        public Task<ImmutableArray<PeerId>> ClosestAsync(ReadOnlyMemory<byte> key, CancellationToken cancellation) =>
            Task.FromResult<ImmutableArray<PeerId>>([Somebody]);

        public Task<byte[]?> GetAsync(ReadOnlyMemory<byte> key, CancellationToken cancellation) =>
            Task.FromResult(_values.GetValueOrDefault(Convert.ToHexString(key.Span)));

        public Task PutAsync(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, CancellationToken cancellation)
        {
            _values[Convert.ToHexString(key.Span)] = value.ToArray();
            return Task.CompletedTask;
        }

        public Task ProvideAsync(ReadOnlyMemory<byte> multihash, CancellationToken cancellation)
        {
            _provided.Add(Convert.ToHexString(multihash.Span));
            return Task.CompletedTask;
        }

        public Task<ImmutableArray<DhtPeer>> FindProvidersAsync(ReadOnlyMemory<byte> multihash, int count, CancellationToken cancellation) =>
            Task.FromResult<ImmutableArray<DhtPeer>>(_provided.Contains(Convert.ToHexString(multihash.Span)) ? [Peer(Somebody)] : []);

        private static DhtPeer Peer(PeerId peer) => new(peer, [Multiaddr.Parse("/ip4/127.0.0.1/tcp/1")]);
    }
}
