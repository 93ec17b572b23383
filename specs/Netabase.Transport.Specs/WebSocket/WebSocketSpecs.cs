using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Noise;
using Netabase.Transport.Tcp;
using Netabase.Transport.Upgrade;
using Netabase.Transport.WebSocket;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.WebSocket;

/// <summary>WebSocket on loopback, as client and as server, against itself, the platform's client and hostile bytes.</summary>
public sealed class WebSocketSpecs
{
    private static readonly X509Certificate2 Certificate = SelfSigned();
    private static readonly WebSocketTransport Transport = new(new WebSocketOptions
    {
        Certificate = Certificate,
        ServerCertificateValidation = (_, shown, _, _) => shown!.GetCertHashString() == Certificate.GetCertHashString(),
    });

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(120)).Token;

    [Theory]
    [InlineData("/ip4/1.2.3.4/tcp/5/ws", true, true)]
    [InlineData("/ip4/1.2.3.4/tcp/5/wss", true, true)]
    [InlineData("/ip6/::1/tcp/5/tls/ws", true, true)]
    [InlineData("/dns4/example.org/tcp/443/tls/sni/example.org/ws", true, false)]
    [InlineData("/dns4/example.org/tcp/443/wss/p2p/12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq", true, false)]
    [InlineData("/ip4/1.2.3.4/tcp/5", false, false)]
    [InlineData("/ip4/1.2.3.4/tcp/5/tls", false, false)]
    [InlineData("/ip4/1.2.3.4/tcp/5/ws/tls", false, false)]
    [InlineData("/ip4/1.2.3.4/tcp/5/ws/p2p-circuit", false, false)]
    [InlineData("/ip4/1.2.3.4/udp/5/ws", false, false)]
    public void Only_websocket_addresses_are_dialed_and_listened_on(string address, bool dial, bool listen)
    {
        Assert.Equal(dial, Transport.CanDial(Multiaddr.Parse(address)));
        Assert.Equal(listen, Transport.CanListen(Multiaddr.Parse(address)));
    }

    [Fact]
    public void Without_a_certificate_a_secure_address_cannot_be_listened_on()
    {
        var plain = new WebSocketTransport();
        Assert.False(plain.CanListen(Multiaddr.Parse("/ip4/127.0.0.1/tcp/0/wss")));
        Assert.True(plain.CanListen(Multiaddr.Parse("/ip4/127.0.0.1/tcp/0/ws")));
    }

    [Theory]
    [InlineData("/ws", "/ws")]
    [InlineData("/wss", "/tls/ws")]
    [InlineData("/tls/ws", "/tls/ws")]
    public async Task Bytes_go_both_ways_as_a_stream_and_the_end_is_told(string suffix, string told)
    {
        await using var listener = await Transport.ListenAsync(Multiaddr.Parse("/ip4/127.0.0.1/tcp/0" + suffix), Soon);
        Assert.EndsWith(told, listener.Address.ToString(), StringComparison.Ordinal);
        var accepting = AcceptAndEchoAsync(listener, 300_000);
        await using var dialed = await Transport.DialAsync(listener.Address, Soon);
        Assert.Equal(listener.Address, dialed.RemoteAddress);

        var sent = RandomNumberGenerator.GetBytes(300_000);
        var sending = Task.Run(async () =>
        {
            for (var at = 0; at < sent.Length; at += 1000) await dialed.SendAsync(sent.AsMemory(at, 1000), Soon);
        });
        var received = new byte[sent.Length];
        for (var at = 0; at < received.Length;) at += await dialed.ReceiveAsync(received.AsMemory(at, Math.Min(777, received.Length - at)), Soon);
        await sending;
        Assert.Equal(sent, received);
        await accepting;
        Assert.Equal(0, await dialed.ReceiveAsync(new byte[1], Soon));
    }

    [Theory]
    [InlineData("/ws")]
    [InlineData("/wss")]
    public async Task A_whole_upgrade_runs_over_it(string suffix)
    {
        using var left = PrivateKey.Generate();
        using var right = PrivateKey.Generate();
        var dialing = new UpgradedTransport(Transport, new Upgrader([new NoiseSecurity(left)], [new YamuxMuxer()]));
        var listening = new UpgradedTransport(Transport, new Upgrader([new NoiseSecurity(right)], [new YamuxMuxer()]));
        await using var listener = await listening.ListenAsync(Multiaddr.Parse("/ip4/127.0.0.1/tcp/0" + suffix), Soon);
        var accepting = Task.Run(async () => await (await listener.AcceptAsync(Soon))!.UpgradeAsync(Soon));
        var dialed = await dialing.DialAsync(listener.Address, right.PublicKey.PeerId, Soon);
        var accepted = await accepting;
        Assert.Equal(left.PublicKey.PeerId, accepted.RemotePeer);
        await dialed.Muxed.DisposeAsync();
        await accepted.Muxed.DisposeAsync();
    }

    [Fact]
    public async Task The_platforms_own_client_is_served()
    {
        await using var listener = await Transport.ListenAsync(Multiaddr.Parse("/ip4/127.0.0.1/tcp/0/ws"), Soon);
        Assert.True(listener.Address.TryGetIpEndpoint(MultiaddrProtocol.Tcp, out _, out var port));
        var serving = AcceptAndEchoAsync(listener, 5);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/"), Soon);
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Binary, true, Soon);
        var buffer = new byte[16];
        var result = await client.ReceiveAsync(buffer, Soon);
        Assert.Equal((5, WebSocketMessageType.Binary), (result.Count, result.MessageType));
        await serving;
    }

    [Fact]
    public async Task A_wrong_certificate_or_a_server_that_is_none_is_refused()
    {
        await using var secure = await Transport.ListenAsync(Multiaddr.Parse("/ip4/127.0.0.1/tcp/0/wss"), Soon);
        var strict = new WebSocketTransport();
        var accepting = Task.Run(async () => await (await secure.AcceptAsync(Soon))!.ReceiveAsync(new byte[1], Soon));
        Assert.Equal(
            TransportError.InvalidData, (await Assert.ThrowsAsync<TransportException>(() => strict.DialAsync(secure.Address, Soon).AsTask())).Error);
        var served = await Record.ExceptionAsync(() => accepting);
        Assert.True(served is TransportException, served?.ToString());

        await using var plain = await new TcpTransport().ListenAsync(Multiaddr.Parse("/ip4/127.0.0.1/tcp/0"), Soon);
        var answering = Task.Run(async () =>
        {
            var raw = (await plain.AcceptAsync(Soon))!;
            await raw.ReceiveAsync(new byte[1000], Soon);
            await raw.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Soon);
            return raw;
        });
        var refused = await Assert.ThrowsAsync<TransportException>(
            () => Transport.DialAsync(plain.Address.Encapsulate(Multiaddr.Parse("/ws")), Soon).AsTask());
        Assert.Equal(TransportError.ProtocolNotSupported, refused.Error);
        await (await answering).DisposeAsync();
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n")]
    public async Task A_request_that_is_no_upgrade_is_answered_400(string request)
    {
        var answer = await ServeAsync(Encoding.ASCII.GetBytes(request));
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_without_end_and_bytes_that_are_no_http_are_cut_off()
    {
        Assert.Equal("", await ServeAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n" + new string('x', 2 * HttpHead.MaxLength))));
        Assert.Equal("", await ServeAsync("\u0000\u0001\r\n\r\n"u8.ToArray()));
    }

    /// <summary>Checklist item 6: the opening handshake stands under the upgrade's deadline, and stalls no other connection.</summary>
    [Fact]
    public async Task A_client_that_never_finishes_its_request_is_cut_off_in_time_and_alone()
    {
        using var key = PrivateKey.Generate();
        var time = new FakeTimeProvider();
        var connector = new UpgradedTransport(Transport, new Upgrader([new NoiseSecurity(key)], [new YamuxMuxer()], new UpgradeOptions { Time = time }));
        await using var listener = await connector.ListenAsync(Multiaddr.Parse("/ip4/127.0.0.1/tcp/0/ws"), Soon);
        await using var slow = await RawAsync(listener.Address);
        await slow.SendAsync("GET / HT"u8.ToArray(), Soon);
        var upgrading = (await listener.AcceptAsync(Soon))!.UpgradeAsync(Soon).AsTask();
        await using var other = await RawAsync(listener.Address);
        Assert.NotNull(await listener.AcceptAsync(Soon));
        time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(TransportError.TimedOut, (await Assert.ThrowsAsync<TransportException>(() => upgrading)).Error);
    }

    [Fact]
    public void No_bytes_whatever_make_the_reader_of_heads_fail_otherwise_than_by_its_own_error()
    {
        var seed = Randomness.Seed();
        var random = new Random(seed);
        var request = HttpHead.Request("example.org:80", "AAAAAAAAAAAAAAAAAAAAAA==");
        Assert.NotNull(HttpHead.TryRead(request, out _)!.KeyOfRequest());
        Assert.True(HttpHead.TryRead(HttpHead.Consent("k"), out _)!.ConsentsTo("k"));
        Assert.False(HttpHead.TryRead(HttpHead.Consent("k"), out _)!.ConsentsTo("l"));
        for (var run = 0; run < Randomness.Count(20_000, 2_000_000); run++)
        {
            var bytes = request.ToArray();
            for (var change = random.Next(6); change >= 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Randomness.OnlyRefuses(seed, run, () =>
            {
                if (HttpHead.TryRead(bytes, out _) is not { } head) return;
                head.KeyOfRequest();
                head.ConsentsTo("k");
            });
        }
    }

    private static async Task<string> ServeAsync(byte[] request)
    {
        await using var listener = await Transport.ListenAsync(Multiaddr.Parse("/ip4/127.0.0.1/tcp/0/ws"), Soon);
        await using var client = await RawAsync(listener.Address);
        await client.SendAsync(request, Soon);
        var accepted = (await listener.AcceptAsync(Soon))!;
        await Assert.ThrowsAsync<TransportException>(() => accepted.ReceiveAsync(new byte[1], Soon).AsTask());
        await accepted.DisposeAsync();
        var answer = new byte[1000];
        try
        {
            return Encoding.ASCII.GetString(answer, 0, await client.ReceiveAsync(answer, Soon));
        }
        catch (TransportException)
        {
            return "";
        }
    }

    private static async Task<IRawConnection> RawAsync(Multiaddr address)
    {
        Assert.True(address.TryGetIpEndpoint(MultiaddrProtocol.Tcp, out var ip, out var port));
        return await new TcpTransport().DialAsync(Multiaddr.Tcp(ip, port), Soon);
    }

    private static Task AcceptAndEchoAsync(IRawListener listener, int count) => Task.Run(async () =>
    {
        await using var accepted = (await listener.AcceptAsync(Soon))!;
        var buffer = new byte[4096];
        for (var echoed = 0; echoed < count;)
        {
            var read = await accepted.ReceiveAsync(buffer, Soon);
            await accepted.SendAsync(buffer.AsMemory(0, read), Soon);
            echoed += read;
        }
    });

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
