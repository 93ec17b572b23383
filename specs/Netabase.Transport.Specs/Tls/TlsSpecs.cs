using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Memory;
using Netabase.Transport.Noise;
using Netabase.Transport.Specs.Upgrade;
using Netabase.Transport.Tls;
using Netabase.Transport.Upgrade;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Tls;

/// <summary>The handshake of <c>/tls/1.0.0</c> over a raw connection.</summary>
public sealed class TlsSpecs
{
    private static readonly ProtocolId Yamux = new("/yamux/1.0.0");
    private static readonly ProtocolId Mplex = new("/mplex/6.7.0");
    private static readonly PrivateKey Left = PrivateKey.Generate();
    private static readonly PrivateKey Right = PrivateKey.Generate();
    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(120)).Token;

    [Theory]
    [InlineData(KeyType.Ed25519)]
    [InlineData(KeyType.Secp256k1)]
    [InlineData(KeyType.Ecdsa)]
    [InlineData(KeyType.Rsa)]
    public async Task Two_peers_learn_each_others_identity_and_talk(KeyType type)
    {
        using var left = PrivateKey.Generate(type);
        using var right = PrivateKey.Generate(type);
        using var dialer = new TlsSecurity(left);
        using var listener = new TlsSecurity(right);
        var (dialed, accepted) = await SecureAsync(new RawPair(), dialer, listener, right.PublicKey.PeerId);
        Assert.Equal(right.PublicKey, dialed.RemoteKey);
        Assert.Equal(left.PublicKey, accepted.RemoteKey);
        Assert.Equal(0, dialed.Codec.Overhead);
        await TalkAsync(dialed.Raw, accepted.Raw);
        await TalkAsync(accepted.Raw, dialed.Raw);
        await dialed.Raw.DisposeAsync();
        Assert.Equal(0, await accepted.Raw.ReceiveAsync(new byte[1], Soon));
    }

    /// <summary>Checklist item 1.</summary>
    [Fact]
    public async Task A_dial_that_reaches_another_peer_fails()
    {
        using var dialer = new TlsSecurity(Left);
        using var listener = new TlsSecurity(Right);
        var pair = new RawPair();
        var listening = listener.SecureAsync(pair.Listener, ConnectionRole.Listener, null, [Yamux], Soon).AsTask();
        var refused = await Assert.ThrowsAsync<TransportException>(
            () => dialer.SecureAsync(pair.Dialer, ConnectionRole.Dialer, Left.PublicKey.PeerId, [Yamux], Soon).AsTask());
        Assert.Equal(TransportError.IdentityMismatch, refused.Error);
        pair.Dialer.Abort();
        await EndsAsync(listening);
    }

    /// <summary>Checklist item 2, on the wire: a certificate whose host key did not sign for it, or none of libp2p's.</summary>
    [Theory]
    [InlineData("foreign signature")]
    [InlineData("no extension")]
    [InlineData("expired")]
    public async Task A_peer_with_a_worthless_certificate_is_refused_by_either_side(string flaw)
    {
        foreach (var honestDials in new[] { true, false })
        {
            using var honest = new TlsSecurity(Left);
            using var forged = new TlsSecurity(Forge(flaw));
            var pair = new RawPair();
            var (ours, theirs) = honestDials ? (pair.Dialer, pair.Listener) : (pair.Listener, pair.Dialer);
            var securing = honest.SecureAsync(ours, honestDials ? ConnectionRole.Dialer : ConnectionRole.Listener, null, [Yamux], Soon).AsTask();
            var forging = forged.SecureAsync(theirs, honestDials ? ConnectionRole.Listener : ConnectionRole.Dialer, null, [Yamux], Soon).AsTask();
            Assert.Equal(TransportError.InvalidData, (await Assert.ThrowsAsync<TransportException>(() => securing)).Error);
            ours.Abort();
            await EndsAsync(forging);
        }
    }

    [Fact]
    public async Task More_than_one_certificate_is_refused()
    {
        var (leaf, above) = Chain();
        using var forged = new TlsSecurity(leaf, above);
        using var honest = new TlsSecurity(Left);
        var pair = new RawPair();
        var listening = forged.SecureAsync(pair.Listener, ConnectionRole.Listener, null, [Yamux], Soon).AsTask();
        var refused = await Assert.ThrowsAsync<TransportException>(
            () => honest.SecureAsync(pair.Dialer, ConnectionRole.Dialer, null, [Yamux], Soon).AsTask());
        Assert.Contains("more than one certificate", refused.Message, StringComparison.Ordinal);
        pair.Dialer.Abort();
        await EndsAsync(listening);
    }

    [Theory]
    [InlineData("/yamux/1.0.0", "/yamux/1.0.0", "/yamux/1.0.0")]
    [InlineData("/mplex/6.7.0 /yamux/1.0.0", "/yamux/1.0.0", "/yamux/1.0.0")]
    [InlineData("/mplex/6.7.0", "/yamux/1.0.0", null)]
    [InlineData("", "/yamux/1.0.0", null)]
    public async Task The_muxer_is_agreed_on_by_alpn_or_left_to_multistream_select(string dialer, string listener, string? agreed)
    {
        using var left = new TlsSecurity(Left);
        using var right = new TlsSecurity(Right);
        var (dialed, accepted) = await SecureAsync(new RawPair(), left, right, null, Ids(dialer), Ids(listener));
        Assert.Equal(agreed, dialed.EarlyMuxer?.Name);
        Assert.Equal(agreed, accepted.EarlyMuxer?.Name);
    }

    [Fact]
    public void Alpn_offers_the_muxers_in_order_and_libp2p_last() =>
        Assert.Equal(["/yamux/1.0.0", "/mplex/6.7.0", "libp2p"], TlsSecurity.ApplicationProtocols([Yamux, Mplex]).Select(protocol => protocol.ToString()));

    [Fact]
    public async Task What_is_no_tls_is_refused_by_our_own_error()
    {
        using var security = new TlsSecurity(Right);
        foreach (var bytes in new[] { "GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001\uffff\uffff", new string('\0', 400) })
        {
            foreach (var role in new[] { ConnectionRole.Dialer, ConnectionRole.Listener })
            {
                var pair = new RawPair();
                var (ours, theirs) = role == ConnectionRole.Dialer ? (pair.Dialer, pair.Listener) : (pair.Listener, pair.Dialer);
                await theirs.SendAsync(Encoding.UTF8.GetBytes(bytes), Soon);
                await theirs.DisposeAsync();
                await Assert.ThrowsAsync<TransportException>(() => security.SecureAsync(ours, role, null, [Yamux], Soon).AsTask());
            }
        }
    }

    [Fact]
    public async Task A_peer_that_speaks_only_tls_is_reached_by_a_second_dial()
    {
        var network = new MemoryTransport(new MemoryNetwork());
        using var tls = new TlsSecurity(Right);
        using var noise = new NoiseSecurity(Left);
        using var ours = new TlsSecurity(Left);
        var listening = new UpgradedTransport(network, new Upgrader([tls], [new YamuxMuxer()]));
        var dialing = new UpgradedTransport(network, new Upgrader([noise, ours], [new YamuxMuxer()]));
        await using var listener = await listening.ListenAsync(Multiaddr.Memory("tls-only"), Soon);
        var accepting = Task.Run(async () =>
        {
            await Assert.ThrowsAsync<TransportException>(async () => await (await listener.AcceptAsync(Soon))!.UpgradeAsync(Soon));
            return await (await listener.AcceptAsync(Soon))!.UpgradeAsync(Soon);
        });
        var dialed = await dialing.DialAsync(listener.Address, Right.PublicKey.PeerId, Soon);
        var accepted = await accepting;
        Assert.Equal((TlsSecurity.Protocol, Left.PublicKey.PeerId), (dialed.Security, accepted.RemotePeer));
        await dialed.Muxed.DisposeAsync();
        await accepted.Muxed.DisposeAsync();
    }

    /// <summary>
    /// The other end of a refused handshake: the platform judges after it has sent its last flight, so this end may have seen the
    /// handshake succeed. Then the connection ends without a byte.
    /// </summary>
    private static async Task EndsAsync(Task<SecuredConnection> other)
    {
        if (await Record.ExceptionAsync(() => other) is { } failed)
        {
            Assert.IsType<TransportException>(failed);
            return;
        }

        var read = 0;
        var ended = await Record.ExceptionAsync(async () => read = await (await other).Raw.ReceiveAsync(new byte[1], Soon));
        Assert.True(read == 0 && ended is null or TransportException, ended?.ToString());
    }

    private static X509Certificate2 Forge(string flaw)
    {
        if (flaw == "expired") return PeerCertificate.Create(Right, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(-90)));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=forged", key, HashAlgorithmName.SHA256);
        if (flaw == "foreign signature")
            request.CertificateExtensions.Add(new X509Extension(SignedKey.Oid, SignedKey.Sign(Right, other.ExportSubjectPublicKeyInfo()).Encode(), false));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    /// <summary>A certificate below an authority below another one: of such a chain the platform sends the first two.</summary>
    private static (X509Certificate2 Leaf, X509Certificate2Collection Above) Chain()
    {
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = Authority("CN=root", key).CreateSelfSigned(from, until);
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var middle = Authority("CN=middle", middleKey).Create(root, from, until, [1]).CopyWithPrivateKey(middleKey);
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=leaf", leafKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension(SignedKey.Oid, SignedKey.Sign(Right, leafKey.ExportSubjectPublicKeyInfo()).Encode(), false));
        return (request.Create(middle, from, until, [2]).CopyWithPrivateKey(leafKey), [middle, root]);

        static CertificateRequest Authority(string name, ECDsa key)
        {
            var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            return request;
        }
    }

    private static ProtocolId[] Ids(string names) =>
        [.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => new ProtocolId(name))];

    private static async Task<(SecuredConnection Dialed, SecuredConnection Accepted)> SecureAsync(
        RawPair pair, TlsSecurity dialer, TlsSecurity listener, PeerId? expected, ProtocolId[]? dialerMuxers = null, ProtocolId[]? listenerMuxers = null)
    {
        var listening = listener.SecureAsync(pair.Listener, ConnectionRole.Listener, null, listenerMuxers ?? [Yamux], Soon).AsTask();
        var dialed = await dialer.SecureAsync(pair.Dialer, ConnectionRole.Dialer, expected, dialerMuxers ?? [Yamux], Soon);
        return (dialed, await listening);
    }

    private static async Task TalkAsync(IRawConnection from, IRawConnection to)
    {
        var sent = RandomNumberGenerator.GetBytes(100_000);
        await from.SendAsync(sent, Soon);
        Assert.Equal(0, await to.ReceiveAsync(Memory<byte>.Empty, Soon));
        var received = new byte[sent.Length];
        for (var at = 0; at < received.Length;) at += await to.ReceiveAsync(received.AsMemory(at), Soon);
        Assert.Equal(sent, received);
    }
}
