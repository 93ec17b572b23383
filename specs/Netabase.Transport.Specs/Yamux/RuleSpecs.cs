using Netabase.Transport.Connections;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Yamux;

/// <summary>What a peer may not do, and what happens to it; libp2p brief 3.20 item 7 and go-yamux session_test.go.</summary>
public sealed class RuleSpecs
{
    private const uint Window = YamuxOptions.InitialWindow;

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    public async Task Another_version_ends_the_session(byte version)
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener);
        await peer.SendBytesAsync([version, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
        await peer.EndsAsync(GoAwayCode.ProtocolError, TransportError.ProtocolViolation);
    }

    [Fact]
    public async Task An_unknown_frame_type_ends_the_session()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener);
        await peer.SendBytesAsync([0, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
        await peer.EndsAsync(GoAwayCode.ProtocolError, TransportError.ProtocolViolation);
    }

    [Theory]
    [InlineData(ConnectionRole.Listener, 2u)]
    [InlineData(ConnectionRole.Dialer, 1u)]
    [InlineData(ConnectionRole.Listener, 0u)]
    internal async Task An_id_of_our_own_side_is_refused(ConnectionRole role, uint id)
    {
        await using var peer = RawPeer.Facing(role);
        await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Syn, id, 0);
        await peer.EndsAsync(GoAwayCode.ProtocolError, TransportError.ProtocolViolation);
    }

    [Fact]
    public async Task A_stream_opened_twice_ends_the_session()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener);
        await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Syn, 1, 0);
        await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Syn, 1, 0);
        await peer.EndsAsync(GoAwayCode.ProtocolError, TransportError.ProtocolViolation);
    }

    [Fact]
    public async Task One_byte_beyond_the_window_ends_the_session()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener);
        await peer.SendDataAsync(YamuxFlags.Syn, 1, new byte[Window]);
        var stream = await peer.AcceptAsync();
        await peer.SendDataAsync(YamuxFlags.None, 1, [1]);
        await peer.Session.Ended.WaitAsync(InTime.Soon());

        // What was within the window is still the reader's.
        Assert.Equal(Window, (uint)(await stream.ReadExactlyAsync((int)Window)).Length);
        Assert.Equal(TransportError.ConnectionClosed, await StreamReading.FailsAsync(async () => await stream.ReadAsync(new byte[1], default)));
        await stream.DisposeAsync();
        await peer.EndsAsync(GoAwayCode.ProtocolError, TransportError.ProtocolViolation);
    }

    [Fact]
    public async Task A_length_of_two_gibibytes_allocates_nothing_and_ends_the_session()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener);
        await peer.SendAsync(YamuxType.Data, YamuxFlags.Syn, 1, 0x8000_0000);
        await peer.EndsAsync(GoAwayCode.ProtocolError, TransportError.ProtocolViolation);
    }

    [Fact]
    public async Task Data_behind_the_end_of_a_stream_ends_the_session()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener);
        await peer.SendDataAsync(YamuxFlags.Syn | YamuxFlags.Fin, 1, [1]);
        await peer.SendDataAsync(YamuxFlags.None, 1, [2]);
        await peer.EndsAsync(GoAwayCode.ProtocolError, TransportError.ProtocolViolation);
    }

    [Fact]
    public async Task Data_for_unknown_streams_is_discarded_up_to_a_cap()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener);
        await peer.SendDataAsync(YamuxFlags.None, 77, new byte[Window]);
        await peer.SendDataAsync(YamuxFlags.Syn, 1, [42]);
        var stream = await peer.AcceptAsync();
        Assert.Equal([42], await stream.ReadExactlyAsync(1));
        await stream.DisposeAsync();
        await peer.SendDataAsync(YamuxFlags.None, 77, [1]);
        await peer.EndsAsync(GoAwayCode.ProtocolError, TransportError.ProtocolViolation);
    }

    [Fact]
    public async Task What_was_granted_to_a_stream_we_reset_may_still_arrive()
    {
        var options = new YamuxOptions { MaxUnknownData = 0 };
        await using var peer = RawPeer.Facing(ConnectionRole.Listener, options);
        await peer.SendDataAsync(YamuxFlags.Syn, 1, [1]);
        var stream = await peer.AcceptAsync();
        stream.Reset(5);
        Assert.Equal(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Rst, 1, 5), await peer.NextButAckAsync());
        await peer.SendDataAsync(YamuxFlags.None, 1, new byte[Window - 1]);
        await peer.SendAsync(YamuxType.Ping, YamuxFlags.Syn, 0, 9);
        Assert.Equal(new YamuxHeader(YamuxType.Ping, YamuxFlags.Ack, 0, 9), await peer.NextAsync());
        await peer.SendDataAsync(YamuxFlags.None, 1, [1]);
        await peer.EndsAsync(GoAwayCode.ProtocolError, TransportError.ProtocolViolation);
    }

    [Fact]
    public async Task Streams_beyond_the_backlog_are_reset_and_the_others_live()
    {
        var options = new YamuxOptions { AcceptBacklog = 8 };
        await using var peer = RawPeer.Facing(ConnectionRole.Listener, options);
        for (uint i = 0; i < 10; i++)
            await peer.SendDataAsync(YamuxFlags.Syn, 1 + (2 * i), [7]);
        Assert.Equal(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Rst, 17, 0), await peer.NextAsync());
        Assert.Equal(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Rst, 19, 0), await peer.NextAsync());
        for (uint i = 0; i < 8; i++)
        {
            var stream = await peer.AcceptAsync();
            Assert.Equal(1 + (2 * i), stream.Id);
            Assert.Equal([7], await stream.ReadExactlyAsync(1));
            await stream.DisposeAsync();
        }

        await peer.Session.DisposeAsync();
        Assert.Equal(0, peer.Pool.Outstanding);
    }

    [Fact]
    public async Task Streams_beyond_the_limit_are_reset_though_all_were_accepted()
    {
        var options = new YamuxOptions { MaxIncomingStreams = 3 };
        await using var peer = RawPeer.Facing(ConnectionRole.Listener, options);
        for (uint id = 1; id <= 5; id += 2)
        {
            await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Syn, id, 0);
            await peer.AcceptAsync();
        }

        await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Syn, 7, 0);
        Assert.Equal(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Rst, 7, 0), await peer.NextButAckAsync());
        await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Rst, 3, 0);
        await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Syn, 9, 0);
        Assert.Equal(9u, (await peer.AcceptAsync()).Id);
    }

    [Fact]
    public async Task A_flood_of_pings_that_nobody_reads_ends_the_session()
    {
        // The connection takes almost nothing, so that answers queue up.
        await using var peer = RawPeer.Facing(ConnectionRole.Listener, capacity: 12);
        var flood = Task.Run(async () =>
        {
            for (uint i = 0; i < 10_000; i++)
                await peer.SendAsync(YamuxType.Ping, YamuxFlags.Syn, 0, i);
        });
        var end = await peer.Session.Ended.WaitAsync(InTime.Soon());
        Assert.Equal(TransportError.LimitReached, end.Error?.Error);
        await Assert.ThrowsAsync<TransportException>(() => flood);
        Assert.Equal(0, peer.Pool.Outstanding);
    }

    [Theory]
    [InlineData(YamuxType.WindowUpdate, 1u)]
    [InlineData(YamuxType.WindowUpdate, 99u)]
    [InlineData(YamuxType.Data, 1u)]
    internal async Task A_flood_of_frames_that_move_nothing_ends_the_session(YamuxType type, uint id)
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener, new YamuxOptions { FloodBurst = 100, FloodPerSecond = 0 });
        await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Syn, 1, 0);
        var flood = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
                await peer.SendAsync(type, YamuxFlags.None, id, 0);
        });
        await peer.EndsAsync(GoAwayCode.ProtocolError, TransportError.LimitReached);
        await flood.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Theory]
    [InlineData(YamuxFlags.None)]
    [InlineData(YamuxFlags.Syn)]
    internal async Task Streams_that_are_opened_and_reset_at_once_are_a_flood(YamuxFlags both)
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener, new YamuxOptions { FloodBurst = 100, FloodPerSecond = 0 });
        var flood = Task.Run(async () =>
        {
            for (uint id = 1; id < 400; id += 2)
            {
                if (both == YamuxFlags.None)
                    await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Syn, id, 0);
                await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Rst | both, id, 0);
            }
        });
        var accepting = AcceptAllAsync(peer);
        await peer.EndsAsync(GoAwayCode.ProtocolError, TransportError.LimitReached);
        await flood.ContinueWith(_ => { }, TaskScheduler.Default);
        await accepting;
    }

    [Fact]
    public async Task A_peer_whose_streams_are_answered_may_reset_as_many_as_it_likes()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener, new YamuxOptions { FloodBurst = 10, FloodPerSecond = 0 });
        for (uint id = 1; id < 200; id += 2)
        {
            await peer.SendDataAsync(YamuxFlags.Syn, id, [1]);
            var stream = await peer.AcceptAsync();
            await stream.WriteAsync(new byte[] { 2 }, InTime.Soon());
            Assert.Equal(id, (await peer.NextAsync(YamuxType.Data)).StreamId);
            await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Rst, id, 0);
            await stream.DisposeAsync();
        }

        Assert.False(peer.Session.Ended.IsCompleted);
    }

    private static async Task AcceptAllAsync(RawPeer peer)
    {
        while (await peer.Session.AcceptAsync(InTime.Soon()) is { } stream)
            await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_ping_is_answered_with_its_value()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener);
        await peer.SendAsync(YamuxType.Ping, YamuxFlags.Syn, 0, 0xdead_beef);
        Assert.Equal(new YamuxHeader(YamuxType.Ping, YamuxFlags.Ack, 0, 0xdead_beef), await peer.NextAsync());
    }
}
