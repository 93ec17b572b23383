using System.Net;
using System.Security.Cryptography.X509Certificates;
using Netabase.Multiformats;
using Netabase.Transport.Keys;
using Netabase.Transport.Multistream;
using Netabase.Transport.Quic;
using Netabase.Transport.Tls;

namespace Netabase.Transport.Specs.Quic;

/// <summary>QUIC: what can be checked everywhere, and what needs the platform's library and says so when that is missing.</summary>
public sealed class QuicSpecs
{
    private static readonly PrivateKey Left = PrivateKey.Generate();
    private static readonly PrivateKey Right = PrivateKey.Generate();
    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(120)).Token;

    [Theory]
    [InlineData("/ip4/1.2.3.4/udp/5/quic-v1", "1.2.3.4:5")]
    [InlineData("/ip6/::1/udp/5/quic-v1/p2p/12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq", "[::1]:5")]
    [InlineData("/ip4/1.2.3.4/udp/5", null)]
    [InlineData("/ip4/1.2.3.4/udp/5/quic", null)]
    [InlineData("/ip4/1.2.3.4/udp/5/quic-v1/webtransport", null)]
    [InlineData("/ip4/1.2.3.4/udp/5/quic-v1/p2p-circuit", null)]
    [InlineData("/ip4/1.2.3.4/tcp/5/quic-v1", null)]
    [InlineData("/memory/5", null)]
    public void Only_quic_v1_addresses_are_its_own(string address, string? end)
    {
        Assert.Equal(end, QuicAddress.Read(Multiaddr.Parse(address))?.ToString());
        using var connector = new QuicConnector(Left);
        Assert.Equal(end is not null && QuicConnector.IsSupported, connector.CanDial(Multiaddr.Parse(address)));
        Assert.Equal(end is not null && QuicConnector.IsSupported, connector.CanListen(Multiaddr.Parse(address)));
    }

    [Fact]
    public void An_end_is_told_as_a_quic_v1_address()
    {
        Assert.Equal("/ip4/1.2.3.4/udp/5/quic-v1", QuicAddress.Of(new IPEndPoint(IPAddress.Parse("::ffff:1.2.3.4"), 5)).ToString());
        Assert.Equal("/ip6/::1/udp/5/quic-v1", QuicAddress.Of(new IPEndPoint(IPAddress.IPv6Loopback, 5)).ToString());
    }

    [Fact]
    public void The_handshake_speaks_libp2p_only_without_a_server_name_and_demands_a_certificate()
    {
        using var connector = new QuicConnector(Left);
        var verdict = new Verdict(null, TimeProvider.System, Cryptography.Default);
        var (dialer, listener) = (connector.DialerOptions(verdict), connector.ListenerOptions(verdict));
        Assert.Equal("libp2p", Assert.Single(dialer.ApplicationProtocols!).ToString());
        Assert.Equal("libp2p", Assert.Single(listener.ApplicationProtocols!).ToString());
        Assert.Equal("", dialer.TargetHost);
        Assert.True(listener.ClientCertificateRequired);
        Assert.True(dialer.CertificateChainPolicy!.DisableCertificateDownloads);
    }

    /// <summary>Checklist items 1 and 2: the callback that QUIC and TLS share.</summary>
    [Fact]
    public void The_certificate_callback_accepts_the_expected_peer_and_nobody_else()
    {
        using var certificate = PeerCertificate.Create(Right);
        var welcome = new Verdict(Right.PublicKey.PeerId, TimeProvider.System, Cryptography.Default);
        Assert.True(welcome.Judge(this, certificate, null, default));
        Assert.Equal(Right.PublicKey, welcome.Key);

        var other = new Verdict(Left.PublicKey.PeerId, TimeProvider.System, Cryptography.Default);
        Assert.False(other.Judge(this, certificate, null, default));
        Assert.Equal(TransportError.IdentityMismatch, other.Refusal!.Error);

        var nobody = new Verdict(null, TimeProvider.System, Cryptography.Default);
        Assert.False(nobody.Judge(this, null, null, default));
        Assert.Equal(TransportError.InvalidData, nobody.Refusal!.Error);

        using var chain = new X509Chain();
        using var second = PeerCertificate.Create(Left);
        chain.ChainPolicy.ExtraStore.Add(second);
        Assert.False(new Verdict(null, TimeProvider.System, Cryptography.Default).Judge(this, certificate, chain, default));
    }

    [SkippableFact]
    public async Task Two_peers_talk_over_quic_and_a_wrong_peer_id_is_refused()
    {
        Skip.IfNot(QuicConnector.IsSupported, "The platform has no QUIC library (libmsquic).");
        using var dialer = new QuicConnector(Left);
        using var listener = new QuicConnector(Right);
        await using var inbound = await listener.ListenAsync(Multiaddr.Parse("/ip4/127.0.0.1/udp/0/quic-v1"), Soon);
        var accepting = Task.Run(async () => await (await inbound.AcceptAsync(Soon))!.UpgradeAsync(Soon));
        var dialed = await dialer.DialAsync(inbound.Address, Right.PublicKey.PeerId, Soon);
        var accepted = await accepting;
        Assert.Equal(Left.PublicKey, accepted.RemoteKey);

        var protocol = new Connections.ProtocolId("/echo/1.0.0");
        var stream = StreamSelection.Propose(await dialed.Muxed.OpenAsync(Soon), protocol);
        await stream.WriteAsync("hello"u8.ToArray(), Soon);
        var served = await StreamSelection.AcceptAsync((await accepted.Muxed.AcceptAsync(Soon))!, new ProtocolTable([protocol]), Soon);
        var buffer = new byte[5];
        Assert.Equal(5, await served.ReadAsync(buffer, Soon));
        await served.WriteAsync(buffer, Soon);
        Assert.Equal(5, await stream.ReadAsync(buffer, Soon));
        await stream.DisposeAsync();
        await served.DisposeAsync();
        await dialed.Muxed.DisposeAsync();
        Assert.Null(await accepted.Muxed.AcceptAsync(Soon));
        await accepted.Muxed.DisposeAsync();

        var refused = await Assert.ThrowsAsync<TransportException>(() => dialer.DialAsync(inbound.Address, Left.PublicKey.PeerId, Soon).AsTask());
        Assert.Equal(TransportError.IdentityMismatch, refused.Error);
    }
}
