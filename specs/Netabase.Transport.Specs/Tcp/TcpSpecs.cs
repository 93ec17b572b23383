using System.Net;
using System.Net.Sockets;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Tcp;

namespace Netabase.Transport.Specs.Tcp;

/// <summary>TCP on loopback.</summary>
public sealed class TcpSpecs
{
    private static readonly TcpTransport Transport = new();
    private static readonly Multiaddr Any = Multiaddr.Parse("/ip4/127.0.0.1/tcp/0");
    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(120)).Token;

    [Theory]
    [InlineData("/ip4/1.2.3.4/tcp/5", true, true)]
    [InlineData("/ip6/::1/tcp/5", true, true)]
    [InlineData("/ip4/1.2.3.4/tcp/0", false, true)]
    [InlineData("/dns/example.org/tcp/5", true, false)]
    [InlineData("/dns4/example.org/tcp/5", true, false)]
    [InlineData("/dns6/example.org/tcp/5", true, false)]
    [InlineData("/ip4/1.2.3.4/tcp/5/p2p/12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq", true, true)]
    [InlineData("/dnsaddr/example.org", false, false)]
    [InlineData("/dnsaddr/example.org/tcp/5", false, false)]
    [InlineData("/ip4/1.2.3.4/udp/5", false, false)]
    [InlineData("/ip4/1.2.3.4/udp/5/quic-v1", false, false)]
    [InlineData("/ip4/1.2.3.4/tcp/5/ws", false, false)]
    [InlineData("/ip4/1.2.3.4/tcp/5/p2p-circuit", false, false)]
    [InlineData("/ip4/1.2.3.4", false, false)]
    [InlineData("/dns4/example.org", false, false)]
    [InlineData("/memory/5", false, false)]
    public void Only_tcp_addresses_are_dialed_and_only_numbers_listened_on(string address, bool dial, bool listen)
    {
        Assert.Equal(dial, Transport.CanDial(Multiaddr.Parse(address)));
        Assert.Equal(listen, Transport.CanListen(Multiaddr.Parse(address)));
    }

    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/")]
    [InlineData("/ip4/127.0.0.1/tcp/0", "/dns4/localhost/tcp/")]
    [InlineData("/ip4/127.0.0.1/tcp/0", "/dns/localhost/tcp/")]
    public async Task Bytes_go_both_ways_and_the_ends_know_their_addresses(string listen, string dial)
    {
        await using var listener = await Transport.ListenAsync(Multiaddr.Parse(listen), Soon);
        var port = listener.Address.ToString().Split('/')[^1];
        var accepting = listener.AcceptAsync(Soon).AsTask();
        await using var dialed = await Transport.DialAsync(Multiaddr.Parse(dial + port), Soon);
        await using var accepted = await accepting;
        Assert.Equal(dialed.LocalAddress, accepted!.RemoteAddress);
        Assert.Equal(listener.Address, dialed.RemoteAddress);
        await CheckAsync(dialed, accepted);
        await CheckAsync(accepted, dialed);
    }

    [SkippableFact]
    public async Task An_ip6_listener_leaves_ip4_to_another_unless_asked()
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "The system has no IPv6.");
        await using var six = await Transport.ListenAsync(Multiaddr.Parse("/ip6/::/tcp/0"), Soon);
        var port = six.Address.ToString().Split('/')[^1];
        await using var four = await Transport.ListenAsync(Multiaddr.Parse("/ip4/0.0.0.0/tcp/" + port), Soon);

        var both = new TcpTransport(new TcpOptions { DualStack = true });
        await using var dual = await both.ListenAsync(Multiaddr.Parse("/ip6/::/tcp/0"), Soon);
        var accepting = dual.AcceptAsync(Soon).AsTask();
        await using var dialed = await Transport.DialAsync(Multiaddr.Parse("/ip4/127.0.0.1/tcp/" + dual.Address.ToString().Split('/')[^1]), Soon);
        await using var accepted = await accepting;
        Assert.Equal(dialed.LocalAddress, accepted!.RemoteAddress);
        Assert.StartsWith("/ip4/", accepted.RemoteAddress.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_receive_waits_for_bytes_without_a_buffer_and_takes_none()
    {
        var (left, right, listener) = await PairAsync();
        var waiting = left.ReceiveAsync(Memory<byte>.Empty, Soon).AsTask();
        Assert.False(waiting.IsCompleted);
        await right.SendAsync("x"u8.ToArray(), Soon);
        Assert.Equal(0, await waiting);
        var buffer = new byte[2];
        Assert.Equal(1, await left.ReceiveAsync(buffer, Soon));
        Assert.Equal((byte)'x', buffer[0]);
        await right.DisposeAsync();
        Assert.Equal(0, await left.ReceiveAsync(Memory<byte>.Empty, Soon));
        await left.DisposeAsync();
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task A_peer_that_closed_its_side_can_still_be_written_to()
    {
        await using var listener = await Transport.ListenAsync(Any, Soon);
        Assert.True(listener.Address.TryGetIpEndpoint(MultiaddrProtocol.Tcp, out var ip, out var port));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(ip, port), Soon);
        await using var accepted = (await listener.AcceptAsync(Soon))!;
        await socket.SendAsync("bye"u8.ToArray(), Soon);
        socket.Shutdown(SocketShutdown.Send);
        var buffer = new byte[8];
        Assert.Equal(3, await accepted.ReceiveAsync(buffer, Soon));
        Assert.Equal(0, await accepted.ReceiveAsync(buffer, Soon));
        await accepted.SendAsync("still here"u8.ToArray(), Soon);
        var read = new byte[16];
        Assert.Equal(10, await socket.ReceiveAsync(read, SocketFlags.None, Soon));
    }

    [Fact]
    public async Task An_abort_is_told_to_both_ends_at_once_and_may_be_repeated()
    {
        var (left, right, listener) = await PairAsync();
        var mine = left.ReceiveAsync(new byte[1], Soon).AsTask();
        var theirs = right.ReceiveAsync(new byte[1], Soon).AsTask();
        left.Abort();
        left.Abort();
        Assert.Equal(TransportError.ConnectionClosed, (await Assert.ThrowsAsync<TransportException>(() => mine)).Error);
        Assert.Equal(TransportError.ConnectionClosed, (await Assert.ThrowsAsync<TransportException>(() => theirs)).Error);
        Assert.Equal(
            TransportError.ConnectionClosed,
            (await Assert.ThrowsAsync<TransportException>(() => left.SendAsync(new byte[1], Soon).AsTask())).Error);
        await left.DisposeAsync();
        await right.DisposeAsync();
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task A_cancelled_receive_is_told_as_cancelled_and_loses_nothing()
    {
        var (left, right, listener) = await PairAsync();
        using var patience = new CancellationTokenSource();
        var receiving = left.ReceiveAsync(new byte[1], patience.Token).AsTask();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
        await CheckAsync(right, left);
        await left.DisposeAsync();
        await right.DisposeAsync();
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task Nobody_there_is_unreachable_and_a_port_in_use_is_unusable()
    {
        var listener = await Transport.ListenAsync(Any, Soon);
        var address = listener.Address;
        Assert.Equal(
            TransportError.AddressUnusable,
            (await Assert.ThrowsAsync<TransportException>(() => Transport.ListenAsync(address, Soon).AsTask())).Error);
        await listener.DisposeAsync();
        Assert.Equal(
            TransportError.Unreachable, (await Assert.ThrowsAsync<TransportException>(() => Transport.DialAsync(address, Soon).AsTask())).Error);
        Assert.Equal(
            TransportError.AddressUnusable,
            (await Assert.ThrowsAsync<TransportException>(() => Transport.DialAsync(Multiaddr.Memory("x"), Soon).AsTask())).Error);
        Assert.Equal(
            TransportError.Unreachable,
            (await Assert.ThrowsAsync<TransportException>(() => Transport.DialAsync(Multiaddr.Parse("/dns4/no-such-host.invalid/tcp/1"), Soon).AsTask())).Error);
    }

    [Fact]
    public async Task A_port_can_be_bound_again_right_after_its_connections_were_closed()
    {
        var (left, right, listener) = await PairAsync();
        await right.DisposeAsync();
        await left.DisposeAsync();
        await listener.DisposeAsync();
        await using var again = await Transport.ListenAsync(listener.Address, Soon);
        Assert.Equal(listener.Address, again.Address);
    }

    [Fact]
    public async Task A_closed_listener_gives_null_to_who_waits_on_it()
    {
        var listener = await Transport.ListenAsync(Any, Soon);
        var accepting = listener.AcceptAsync(Soon).AsTask();
        await listener.DisposeAsync();
        Assert.Null(await accepting);
        Assert.Null(await listener.AcceptAsync(Soon));
    }

    private static async Task<(IRawConnection Left, IRawConnection Right, IRawListener Listener)> PairAsync()
    {
        var listener = await Transport.ListenAsync(Any, Soon);
        var accepting = listener.AcceptAsync(Soon).AsTask();
        var left = await Transport.DialAsync(listener.Address, Soon);
        return (left, (await accepting)!, listener);
    }

    private static async Task CheckAsync(IRawConnection from, IRawConnection to)
    {
        var sent = new byte[300_000];
        new Random(7).NextBytes(sent);
        var sending = from.SendAsync(sent, Soon).AsTask();
        var received = new byte[sent.Length];
        for (var at = 0; at < received.Length;) at += await to.ReceiveAsync(received.AsMemory(at), Soon);
        await sending;
        Assert.Equal(sent, received);
    }
}
