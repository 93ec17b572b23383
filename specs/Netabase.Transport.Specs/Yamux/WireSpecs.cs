using Netabase.Transport.Connections;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Yamux;

/// <summary>What others see of us, frame by frame.</summary>
public sealed class WireSpecs
{
    [Fact]
    public void A_header_is_twelve_bytes_big_endian()
    {
        var bytes = new byte[YamuxHeader.Size];
        new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Syn | YamuxFlags.Rst, 0x01020304, 0x0a0b0c0d).Write(bytes);
        Assert.Equal([0, 1, 0, 9, 1, 2, 3, 4, 0xa, 0xb, 0xc, 0xd], bytes);
        Assert.True(YamuxHeader.TryRead(bytes, out var read));
        Assert.Equal(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Syn | YamuxFlags.Rst, 0x01020304, 0x0a0b0c0d), read);
    }

    [Fact]
    public async Task The_opening_rides_on_the_first_data()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Dialer);
        var stream = await peer.Session.OpenAsync(InTime.Soon());
        await stream.WriteAsync(new byte[] { 1, 2, 3 }, InTime.Soon());
        var (header, payload) = (await peer.ReadAsync())!.Value;
        Assert.Equal(new YamuxHeader(YamuxType.Data, YamuxFlags.Syn, 1, 3), header);
        Assert.Equal([1, 2, 3], payload);
    }

    [Fact]
    public async Task A_reader_that_waits_opens_the_stream()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Dialer);
        var stream = await peer.Session.OpenAsync(InTime.Soon());
        var reading = stream.ReadAsync(new byte[1], InTime.Soon()).AsTask();
        Assert.Equal(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Syn, 1, 0), await peer.NextAsync());
        await peer.SendDataAsync(YamuxFlags.Ack, 1, [5]);
        Assert.Equal(1, await reading);
    }

    [Fact]
    public async Task A_stream_that_was_never_used_is_never_heard_of()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Dialer);
        await (await peer.Session.OpenAsync(InTime.Soon())).DisposeAsync();
        var second = await peer.Session.OpenAsync(InTime.Soon());
        await second.CloseWriteAsync(InTime.Soon());
        Assert.Equal(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Syn | YamuxFlags.Fin, 3, 0), await peer.NextAsync());
    }

    [Fact]
    public async Task The_acknowledgement_rides_on_the_answer()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener, new YamuxOptions { AckDelay = TimeSpan.FromHours(1) });
        await peer.SendDataAsync(YamuxFlags.Syn, 1, [1]);
        var stream = await peer.AcceptAsync();
        await stream.WriteAsync(new byte[] { 2 }, InTime.Soon());
        var next = await peer.NextAsync();
        Assert.Equal(new YamuxHeader(YamuxType.Data, YamuxFlags.Ack, 1, 1), next);
    }

    [Fact]
    public async Task An_acceptor_that_only_listens_acknowledges_nevertheless()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener);
        await peer.SendDataAsync(YamuxFlags.Syn, 1, [1]);
        await peer.AcceptAsync();
        Assert.Equal(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Ack, 1, 0), await peer.NextAsync());
    }

    [Fact]
    public async Task The_end_has_a_frame_of_its_own()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Dialer);
        var stream = await peer.Session.OpenAsync(InTime.Soon());
        await stream.WriteAsync(new byte[] { 1 }, InTime.Soon());
        await stream.CloseWriteAsync(InTime.Soon());
        Assert.Equal(YamuxType.Data, (await peer.NextAsync()).Type);
        Assert.Equal(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Fin, 1, 0), await peer.NextAsync());
    }

    [Fact]
    public async Task Credit_returns_when_half_a_window_was_read_and_not_when_it_arrived()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener, new YamuxOptions { MaxStreamWindow = YamuxOptions.InitialWindow });
        await peer.SendDataAsync(YamuxFlags.Syn, 1, new byte[YamuxOptions.InitialWindow]);
        var stream = await peer.AcceptAsync();
        Assert.Equal(YamuxFlags.Ack, (await peer.NextAsync()).Flags);
        await stream.ReadExactlyAsync((YamuxOptions.InitialWindow / 2) - 1);
        await peer.SendAsync(YamuxType.Ping, YamuxFlags.Syn, 0, 1);
        Assert.Equal(YamuxType.Ping, (await peer.NextAsync()).Type);
        await stream.ReadExactlyAsync(1);
        Assert.Equal(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.None, 1, YamuxOptions.InitialWindow / 2), await peer.NextAsync());
    }

    [Fact]
    public async Task A_writer_waits_at_the_end_of_the_window_and_goes_on_with_an_update()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Dialer);
        var stream = await peer.Session.OpenAsync(InTime.Soon());
        var writing = stream.WriteAsync(new byte[YamuxOptions.InitialWindow + 10], InTime.Soon()).AsTask();
        for (var seen = 0; seen < YamuxOptions.InitialWindow;)
            seen += (int)(await peer.NextAsync()).Length;
        await peer.SendAsync(YamuxType.Ping, YamuxFlags.Syn, 0, 1);
        Assert.Equal(YamuxType.Ping, (await peer.NextAsync()).Type);
        Assert.False(writing.IsCompleted);
        await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Ack, 1, 10);
        Assert.Equal(new YamuxHeader(YamuxType.Data, YamuxFlags.None, 1, 10), await peer.NextAsync());
        await writing.WaitAsync(InTime.Soon());
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_any_more_is_reset_when_its_window_is_used_up()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Listener, new YamuxOptions { AckDelay = TimeSpan.FromHours(1) });
        await peer.SendDataAsync(YamuxFlags.Syn, 1, [1]);
        var stream = await peer.AcceptAsync();
        await stream.DisposeAsync();
        Assert.Equal(YamuxFlags.Ack | YamuxFlags.Fin, (await peer.NextAsync()).Flags);
        await peer.SendDataAsync(YamuxFlags.None, 1, new byte[YamuxOptions.InitialWindow - 1]);
        Assert.Equal(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Rst, 1, 0), await peer.NextAsync());
        Assert.Equal(0, peer.Session.StreamCount);
        await peer.Session.DisposeAsync();
        Assert.Equal(0, peer.Pool.Outstanding);
    }
}
