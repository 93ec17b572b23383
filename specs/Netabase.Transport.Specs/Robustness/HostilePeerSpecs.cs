using System.Net;
using System.Net.Sockets;
using System.Text;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Network;
using Netabase.Transport.Ping;
using Netabase.Transport.Tcp;
using Netabase.Transport.Upgrade;

namespace Netabase.Transport.Specs.Robustness;

/// <summary>A listening node against those who mean it no good, over real TCP.</summary>
[Collection(Alone.Name)]
public sealed class HostilePeerSpecs
{
    /// <summary>Short bounds, so that being cut off in time can be waited for.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>
    /// The bytes of a whole upgrade from the dialer's side, in order: multistream header and proposal (31), Noise message 1 (34),
    /// Noise message 3 with payload. One silent dialer for each count, all at once.
    /// </summary>
    [Fact]
    public async Task A_dialer_that_falls_silent_at_any_byte_of_the_upgrade_is_cut_off_in_time()
    {
        await using var target = await Nodes.ListenAsync(Nodes.Options() with { UpgradeTimeout = Bound });
        var address = target.ListenAddresses[0];
        using var stop = new CancellationTokenSource(Patience);
        using var events = target.Subscribe();
        int[] counts = [.. Enumerable.Range(0, 32).Select(step => step * 7)];
        await Task.WhenAll(counts.Select(async count =>
        {
            await using var dialer = await Nodes.StartAsync(Nodes.Options(new SilentTransport(new TcpTransport(), count)));
            Assert.Equal(TransportError.ConnectionClosed, await CutOffAsync(dialer, address, stop.Token));
        }));

        // Every one of them was turned away, and none was ever taken for a connection.
        for (var refused = 0; refused < counts.Length;)
        {
            var happened = await events.ReadAsync(stop.Token);
            Assert.IsNotType<NetworkEvent.ConnectionOpened>(happened);
            refused += happened is NetworkEvent.InboundRefused ? 1 : 0;
        }

        await AssertServesAsync(target, stop.Token);
        await AssertForgottenAsync(target, stop.Token);
    }

    [Fact]
    public async Task A_peer_that_trickles_its_bytes_is_cut_off_as_one_that_is_silent()
    {
        await using var target = await Nodes.ListenAsync(Nodes.Options() with { UpgradeTimeout = Bound });
        using var stop = new CancellationTokenSource(Patience);
        using var socket = await ConnectAsync(target, stop.Token);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        byte[] opening = [0x13, .. "/multistream/1.0.0\n"u8, 0x07, .. "/noise\n"u8];
        var cut = UntilCutAsync(socket, stop.Token);

        // A byte now and then is life, and must not buy time. The pause is the attack itself.
        for (var at = 0; !cut.IsCompleted; at = Math.Min(at + 1, opening.Length - 1))
        {
            try
            {
                await socket.SendAsync(opening.AsMemory(at, 1), stop.Token);
            }
            catch (SocketException)
            {
                break;
            }

            await tick.WaitForNextTickAsync(stop.Token);
        }

        await cut;
        await AssertForgottenAsync(target, stop.Token);
    }

    [Fact]
    public async Task A_stream_whose_opener_does_not_say_what_it_wants_is_reset_in_time_and_costs_only_itself()
    {
        await using var target = await Nodes.ListenAsync(Nodes.Options() with { NegotiationTimeout = Bound });
        using var stop = new CancellationTokenSource(Patience);
        var options = Nodes.Options();
        var upgrader = new Upgrader(options.Securities, options.Muxers);
        var connector = new UpgradedTransport(new TcpTransport(), upgrader);
        var connection = await connector.DialAsync(target.ListenAddresses[0], target.LocalPeer, stop.Token);
        await using var muxed = connection.Muxed;

        byte[] opening = [0x13, .. "/multistream/1.0.0\n"u8, 0x10, .. "/ipfs/ping"u8];
        foreach (var count in (int[])[1, 5, 20, 21, opening.Length])
        {
            await using var stream = await muxed.OpenAsync(stop.Token);
            await stream.WriteAsync(opening.AsMemory(0, count), stop.Token);
            var ended = await Assert.ThrowsAsync<TransportException>(() => ReadToEndAsync(stream, stop.Token));
            Assert.Equal(TransportError.StreamReset, ended.Error);
        }

        Assert.False(muxed.Ended.IsCompleted, "A silent stream took its connection with it.");
        await AssertServesAsync(target, stop.Token);
    }

    [Fact]
    public async Task Foreign_rubbish_on_the_port_is_cut_off_and_harms_nobody()
    {
        await using var target = await Nodes.ListenAsync(Nodes.Options() with { UpgradeTimeout = Bound });
        using var stop = new CancellationTokenSource(Patience);
        var chance = new Random(Randomness.Seed());
        var noise = new byte[100_000];
        chance.NextBytes(noise);
        byte[][] rubbish =
        [
            Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, .. noise.AsSpan(0, 500)],
            Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.9\r\n"),
            new byte[70_000],
            [.. Enumerable.Repeat((byte)0xff, 70_000)],
            noise,
            [0xff, 0xff, 0xff, 0xff, 0x07],
            [0x13, .. "/multistream/1.0.0\n"u8, 0xff, 0xff, 0xff, 0xff, 0x07],
            [0x13, .. "/multistream/1.0.0\n"u8, 0x07, .. "/noise\n"u8, 0xff, 0xff, .. noise.AsSpan(0, 70_000)],
            [0x13, .. "/multistream/1.0.0\n"u8, 0x07, .. "/noise\n"u8, 0x00, 0x20, .. new byte[32]],
        ];
        await Task.WhenAll(rubbish.Select(async bytes =>
        {
            using var socket = await ConnectAsync(target, stop.Token);
            var cut = UntilCutAsync(socket, stop.Token);
            try
            {
                for (var sent = 0; sent < bytes.Length;)
                {
                    sent += await socket.SendAsync(bytes.AsMemory(sent), stop.Token);
                }
            }
            catch (SocketException)
            {
                // It was cut off while we were still at it.
            }

            await cut;
        }));
        await AssertServesAsync(target, stop.Token);
        await AssertForgottenAsync(target, stop.Token);
    }

    [Fact]
    public async Task A_peer_at_full_speed_costs_a_reader_that_does_not_read_bounded_memory()
    {
        const int Streams = 64;
        var protocol = new ProtocolId("/deaf/1.0.0");
        await using var target = await Nodes.ListenAsync();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        target.Handle(protocol, (_, _) => done.Task);
        await using var dialer = await Nodes.StartAsync(Nodes.Options());
        using var stop = new CancellationTokenSource(Patience);
        await dialer.ConnectAsync(target.ListenAddresses[0].WithPeer(target.LocalPeer), stop.Token);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        long written = 0;
        var floods = Enumerable.Range(0, Streams).Select(_ => FloodAsync()).ToArray();

        async Task FloodAsync()
        {
            await using var stream = await dialer.OpenStreamAsync(target.LocalPeer, [protocol], enough.Token);
            var chunk = new byte[32 * 1024];
            while (true)
            {
                await stream.WriteAsync(chunk, enough.Token);
                Interlocked.Add(ref written, chunk.Length);
            }
        }

        // Each ping is a round trip on the same connection: once many have passed without a byte more written, nothing moves.
        var ping = new PingService(dialer);
        for (var (last, still) = (-1L, 0); still < 50;)
        {
            await ping.PingAsync(target.LocalPeer, stop.Token);
            var now = Interlocked.Read(ref written);
            (last, still) = now == last && now > 0 ? (now, still + 1) : (now, 0);
        }

        // A window of 256 KiB each, and what a writer may leave in its own buffer; both ends live in this process.
        const long MostPerStream = 512 * 1024;
        Assert.InRange(Interlocked.Read(ref written), Streams * 200L * 1024, Streams * MostPerStream);
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(held < Streams * MostPerStream * 2, $"{Streams} flooded streams hold {held / 1024} KiB.");

        await enough.CancelAsync();
        foreach (var flood in floods)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flood);
        }

        done.SetResult();
    }

    private static async Task<Socket> ConnectAsync(Swarm target, CancellationToken stop)
    {
        Assert.True(target.ListenAddresses[0].TryGetIpEndpoint(MultiaddrProtocol.Tcp, out var ip, out var port));
        var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(ip, port), stop);
        return socket;
    }

    /// <summary>Reads whatever comes until the other end closes or resets.</summary>
    private static async Task UntilCutAsync(Socket socket, CancellationToken stop)
    {
        var buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, stop) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
    }

    /// <summary>
    /// How the target ended it. A dialer that has heard the listener's proof believes itself connected while its own proof is still on
    /// its way; it learns of its end as one of a connection.
    /// </summary>
    private static async Task<TransportError?> CutOffAsync(Swarm dialer, Multiaddr address, CancellationToken stop)
    {
        using var events = dialer.Subscribe();
        try
        {
            await dialer.ConnectAsync(address, stop);
        }
        catch (TransportException refused)
        {
            return refused.Error;
        }

        while (true)
        {
            if (await events.ReadAsync(stop) is NetworkEvent.ConnectionClosed closed)
            {
                return closed.Error;
            }
        }
    }

    private static async Task ReadToEndAsync(IMuxedStream stream, CancellationToken stop)
    {
        var buffer = new byte[1024];
        while (await stream.ReadAsync(buffer, stop) > 0)
        {
        }
    }

    private static async Task AssertServesAsync(Swarm target, CancellationToken stop)
    {
        await using var friend = await Nodes.StartAsync(Nodes.Options());
        await friend.ConnectAsync(target.ListenAddresses[0].WithPeer(target.LocalPeer), stop);
        await new PingService(friend).PingAsync(target.LocalPeer, stop);
    }

    /// <summary>Once the last connection is over, no limit counts it any more.</summary>
    private static async Task AssertForgottenAsync(Swarm target, CancellationToken stop)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (target.Gate!.Counted is not { Inbound: 0, PendingInbound: 0, Unidentified: 0 })
        {
            Assert.True(await look.WaitForNextTickAsync(stop));
        }

        Assert.Empty(target.Connections);
    }
}
