using Microsoft.Extensions.Time.Testing;
using Netabase.Transport.Connections;
using Netabase.Transport.Memory;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Yamux;

/// <summary>How sessions and streams begin, wait and end; scenarios of go-yamux session_test.go and rust-yamux test-harness.</summary>
public sealed class LifeSpecs
{
    [Fact]
    public async Task Openers_wait_while_256_streams_are_unacknowledged_and_go_on_when_they_are_accepted()
    {
        await using var pair = MuxedPair.Create();
        for (var i = 0; i < 256; i++)
            await (await pair.Dialer.OpenAsync(InTime.Soon())).WriteAsync(new byte[] { 1 }, InTime.Soon());
        var next = pair.Dialer.OpenAsync(InTime.Soon()).AsTask();
        Assert.False(next.IsCompleted);
        using (var impatient = new CancellationTokenSource())
        {
            var second = pair.Dialer.OpenAsync(impatient.Token).AsTask();
            await impatient.CancelAsync();
            Assert.Equal(TransportError.LimitReached, await StreamReading.FailsAsync(() => second));
        }

        Assert.NotNull(await pair.Listener.AcceptAsync(InTime.Soon()));
        var opened = await next.WaitAsync(InTime.Soon());
        Assert.Equal(513u, opened.Id);
    }

    [Fact]
    public async Task A_waiting_opener_ends_with_the_connection()
    {
        await using var pair = MuxedPair.Create(new YamuxOptions { AcceptBacklog = 1 });
        await pair.Dialer.OpenAsync(InTime.Soon());
        var opener = pair.Dialer.OpenAsync(InTime.Soon()).AsTask();
        await pair.Listener.DisposeAsync();
        Assert.Equal(TransportError.ConnectionClosed, await StreamReading.FailsAsync(() => opener));
    }

    [Fact]
    public async Task Streams_closed_before_they_were_acknowledged_free_their_places()
    {
        await using var pair = MuxedPair.Create(new YamuxOptions { AcceptBacklog = 8 });
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < 8; i++)
            {
                var stream = await pair.Dialer.OpenAsync(InTime.Soon());
                await stream.CloseWriteAsync(InTime.Soon());
                await stream.DisposeAsync();
            }

            for (var i = 0; i < 8; i++)
                await (await pair.Listener.AcceptAsync(InTime.Soon()))!.DisposeAsync();
        }

        await pair.EndAndCountAsync();
    }

    [Fact]
    public async Task Everybody_who_waits_ends_when_the_connection_is_cut()
    {
        var (dialer, listener) = MemoryConnection.CreatePair();
        await using var pair = MuxedPair.Over(dialer, listener);
        var (ours, theirs) = await pair.OpenAsync();
        var reader = theirs.ReadAsync(new byte[1], default).AsTask();
        var writer = theirs.WriteAsync(new byte[10_000_000], default).AsTask();
        var acceptor = pair.Dialer.AcceptAsync(default).AsTask();
        dialer.Abort();
        Assert.Equal(TransportError.ConnectionClosed, await StreamReading.FailsAsync(() => reader.WaitAsync(InTime.Soon())));
        Assert.Equal(TransportError.ConnectionClosed, await StreamReading.FailsAsync(() => writer.WaitAsync(InTime.Soon())));
        Assert.Null(await acceptor.WaitAsync(InTime.Soon()));
        Assert.Equal(TransportError.ConnectionClosed, (await pair.Dialer.Ended.WaitAsync(InTime.Soon())).Error?.Error);
        Assert.Equal(TransportError.ConnectionClosed, (await pair.Listener.Ended.WaitAsync(InTime.Soon())).Error?.Error);
        await ours.DisposeAsync();
        await theirs.DisposeAsync();
        await pair.EndAndCountAsync();
    }

    [Fact]
    public async Task A_close_lets_what_is_queued_leave_and_ends_both_sides_in_order()
    {
        await using var pair = MuxedPair.Create();
        var (ours, theirs) = await pair.OpenAsync();
        await ours.WriteAsync(StreamReading.Pattern(10_000), InTime.Soon());
        await pair.Dialer.CloseAsync(InTime.Soon());
        Assert.Null((await pair.Dialer.Ended).Error);
        Assert.Null((await pair.Listener.Ended.WaitAsync(InTime.Soon())).Error);
        Assert.Equal(StreamReading.Pattern(10_000), await theirs.ReadExactlyAsync(10_000));
        Assert.Equal(TransportError.ConnectionClosed, await StreamReading.FailsAsync(async () => await theirs.ReadAsync(new byte[1], default)));
        Assert.Equal(TransportError.ConnectionClosed, await StreamReading.FailsAsync(async () => await pair.Dialer.OpenAsync(default)));
        await theirs.DisposeAsync();
        await ours.DisposeAsync();
        await pair.EndAndCountAsync();
    }

    [Fact]
    public async Task What_a_peer_said_before_it_left_is_heard_though_it_takes_no_answer_any_more()
    {
        var (dialer, listener) = MemoryConnection.CreatePair();
        var late = new LateListener(listener);

        // Virtual time: no deadline can end the session before what was said is heard.
        await using var pair = MuxedPair.Over(dialer, late, time: new FakeTimeProvider());
        var (ours, theirs) = await pair.OpenAsync();
        late.StopListening();
        await ours.WriteAsync(StreamReading.Pattern(10_000), InTime.Soon());
        await pair.Dialer.CloseAsync(InTime.Soon());
        await theirs.WriteAsync(new byte[] { 1 }, InTime.Soon());
        await late.Refused.WaitAsync(InTime.Soon());
        Assert.False(pair.Listener.Ended.IsCompleted);

        late.Listen();
        Assert.Equal(StreamReading.Pattern(10_000), await theirs.ReadExactlyAsync(10_000));
        Assert.Null((await pair.Listener.Ended.WaitAsync(InTime.Soon())).Error);
    }

    [Fact]
    public async Task A_peer_that_takes_nothing_and_says_nothing_is_given_up_after_the_time_of_a_farewell()
    {
        var (dialer, listener) = MemoryConnection.CreatePair();
        var late = new LateListener(listener);
        var time = new FakeTimeProvider();
        var options = new YamuxOptions { KeepAlive = TimeSpan.Zero };
        await using var pair = MuxedPair.Over(dialer, late, options, time);
        var (_, theirs) = await pair.OpenAsync();
        late.StopListening();
        await pair.Dialer.CloseAsync(InTime.Soon());
        await theirs.WriteAsync(new byte[] { 1 }, InTime.Soon());
        await late.Refused.WaitAsync(InTime.Soon());
        Assert.False(pair.Listener.Ended.IsCompleted);
        for (var soon = InTime.Soon(60); !pair.Listener.Ended.IsCompleted; soon.ThrowIfCancellationRequested())
        {
            time.Advance(options.FarewellTimeout);
            await Task.Yield();
        }

        Assert.Equal(TransportError.ConnectionClosed, (await pair.Listener.Ended).Error?.Error);
    }

    [Fact]
    public async Task A_close_does_not_wait_for_a_peer_that_does_not_read_beyond_its_deadline()
    {
        await using var pair = MuxedPair.Create();
        var (ours, _) = await pair.OpenAsync();
        var stuck = ours.WriteAsync(new byte[1_000_000], default).AsTask();
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await pair.Dialer.CloseAsync(soon.Token);
        Assert.Equal(TransportError.ConnectionClosed, await StreamReading.FailsAsync(() => stuck));
        Assert.Null((await pair.Listener.Ended.WaitAsync(InTime.Soon())).Error);
    }

    [Fact]
    public async Task After_the_peers_goodbye_open_streams_finish_and_no_new_one_opens()
    {
        await using var peer = RawPeer.Facing(ConnectionRole.Dialer);
        var stream = await peer.Session.OpenAsync(InTime.Soon());
        await stream.WriteAsync(new byte[] { 1 }, InTime.Soon());
        await peer.NextAsync(YamuxType.Data);
        await peer.SendAsync(YamuxType.GoAway, YamuxFlags.None, 0, 0);
        await peer.SendDataAsync(YamuxFlags.Ack, 1, [9]);
        Assert.Equal([9], await stream.ReadExactlyAsync(1));
        Assert.Equal(TransportError.ConnectionClosed, await StreamReading.FailsAsync(async () => await peer.Session.OpenAsync(default)));
        await stream.CloseWriteAsync(InTime.Soon());
        await peer.SendAsync(YamuxType.WindowUpdate, YamuxFlags.Fin, 1, 0);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], InTime.Soon()));
        Assert.Null((await peer.Session.Ended.WaitAsync(InTime.Soon())).Error);
    }

    [Fact]
    public async Task A_reset_reaches_readers_and_writers_of_the_other_side_with_its_code()
    {
        await using var pair = MuxedPair.Create();
        var (ours, theirs) = await pair.OpenAsync();
        var writer = ours.WriteAsync(new byte[1_000_000], default).AsTask();
        var reader = ours.ReadAsync(new byte[1], default).AsTask();
        theirs.Reset(77);
        Assert.Equal(TransportError.StreamReset, await StreamReading.FailsAsync(() => writer.WaitAsync(InTime.Soon())));
        var seen = await Assert.ThrowsAsync<TransportException>(() => reader.WaitAsync(InTime.Soon()));
        Assert.Contains("77", seen.Message, StringComparison.Ordinal);
        Assert.Equal(TransportError.StreamReset, await StreamReading.FailsAsync(async () => await theirs.ReadAsync(new byte[1], default)));
        Assert.Equal(0, pair.Dialer.StreamCount + pair.Listener.StreamCount);
        await pair.EndAndCountAsync();
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing_and_a_cancelled_write_ends()
    {
        await using var pair = MuxedPair.Create();
        var (ours, theirs) = await pair.OpenAsync();
        using (var cancel = new CancellationTokenSource())
        {
            var reading = theirs.ReadAsync(new byte[10], cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        }

        await ours.WriteAsync(new byte[] { 1, 2, 3 }, InTime.Soon());
        Assert.Equal([1, 2, 3], await theirs.ReadExactlyAsync(3));
        using (var cancel = new CancellationTokenSource())
        {
            var writing = ours.WriteAsync(new byte[1_000_000], cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        }

        // What had arrived stays readable until the stream is disposed.
        ours.Reset();
        await theirs.DisposeAsync();
        await pair.EndAndCountAsync();
    }

    [Fact]
    public async Task Two_ends_that_only_write_before_they_read_do_not_block_each_other()
    {
        await using var pair = MuxedPair.Create(capacity: 1024);
        var (ours, theirs) = await pair.OpenAsync();
        var message = StreamReading.Pattern(1024 * 1024);
        var echo = Task.Run(async () =>
        {
            var buffer = new byte[4096];
            while (await theirs.ReadAsync(buffer, InTime.Soon()) is var count and > 0)
                await theirs.WriteAsync(buffer.AsMemory(0, count), InTime.Soon());
            await theirs.CloseWriteAsync(InTime.Soon());
        });
        var writing = Task.Run(async () =>
        {
            await ours.WriteAsync(message, InTime.Soon());
            await ours.CloseWriteAsync(InTime.Soon());
        });
        Assert.Equal(message, await ours.ReadToEndAsync());
        await Task.WhenAll(echo, writing);
        await pair.EndAndCountAsync();
    }

    [Fact]
    public async Task A_reader_that_does_not_read_costs_one_window_and_stalls_only_its_own_stream()
    {
        await using var pair = MuxedPair.Create();
        var (stalled, _) = await pair.OpenAsync();
        var stuck = stalled.WriteAsync(new byte[50_000_000], default).AsTask();
        var (ours, theirs) = await pair.OpenAsync();
        var reading = theirs.ReadToEndAsync();
        for (var i = 0; i < 20; i++)
            await ours.WriteAsync(new byte[100_000], InTime.Soon());
        await ours.CloseWriteAsync(InTime.Soon());
        Assert.Equal(2_000_000, (await reading).Length);
        Assert.False(stuck.IsCompleted);

        // One window in blocks of 32 KiB, and the loops' buffers.
        Assert.InRange(pair.Pool.Outstanding, YamuxOptions.InitialWindow / BlockPool.LargeSize, (YamuxOptions.InitialWindow / BlockPool.LargeSize) + 8);
        await pair.Dialer.DisposeAsync();
        await StreamReading.FailsAsync(() => stuck);
    }

    [Fact]
    public async Task What_waits_for_readers_is_bounded_over_all_streams_and_the_one_that_receives_too_much_is_reset()
    {
        // A quarter of a mebibyte for each connection: one stream's first window.
        var options = new YamuxOptions { MaxUnread = 4 * YamuxOptions.InitialWindow };
        await using var pair = MuxedPair.Create(options);
        var (first, waiting) = await pair.OpenAsync();
        await first.WriteAsync(new byte[200_000], InTime.Soon());
        var (second, other) = await pair.OpenAsync();
        Assert.Equal(TransportError.StreamReset, await StreamReading.FailsAsync(async () =>
        {
            await second.WriteAsync(new byte[100_000], InTime.Soon());
            await second.ReadAsync(new byte[1], InTime.Soon());
        }));
        Assert.Equal(TransportError.LimitReached, await StreamReading.FailsAsync(() => other.ReadToEndAsync()));

        // Nobody else suffers, and what was read makes room again.
        Assert.Equal(200_000, (await waiting.ReadExactlyAsync(200_000)).Length);
        var (third, reader) = await pair.OpenAsync();
        await third.WriteAsync(new byte[200_000], InTime.Soon());
        Assert.Equal(200_000, (await reader.ReadExactlyAsync(200_000)).Length);
        await pair.EndAndCountAsync();
    }

    [Fact]
    public async Task A_silent_peer_is_asked_after_30_seconds_and_given_up_10_seconds_later()
    {
        var time = new FakeTimeProvider();
        await using var peer = RawPeer.Facing(ConnectionRole.Listener, time: time);
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(peer.Session.Ended.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(YamuxType.Ping, (await ToldAsync(time, peer.ReadAnyAsync())).Type);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(TransportError.TimedOut, (await ToldAsync(time, peer.Session.Ended)).Error?.Error);
        Assert.Equal(0, peer.Pool.Outstanding);
    }

    /// <summary>A timer that another thread sets while the time passes may miss it, as this clock is made: it is told again what time it is.</summary>
    private static async Task<T> ToldAsync<T>(FakeTimeProvider time, Task<T> expected)
    {
        var soon = InTime.Soon();
        while (!expected.IsCompleted)
        {
            soon.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.Zero);
            await Task.Yield();
        }

        return await expected;
    }

    [Fact]
    public async Task A_peer_that_answers_the_keep_alive_stays()
    {
        var time = new FakeTimeProvider();
        await using var pair = MuxedPair.Create(time: time);
        var (ours, theirs) = await pair.OpenAsync();
        for (var i = 0; i < 40; i++)
        {
            time.Advance(TimeSpan.FromSeconds(8));

            // A message both ways: everything that was queued before it has passed.
            await ours.WriteAsync(new byte[] { 1 }, InTime.Soon());
            await theirs.ReadExactlyAsync(1);
            await theirs.WriteAsync(new byte[] { 1 }, InTime.Soon());
            await ours.ReadExactlyAsync(1);
        }

        Assert.False(pair.Dialer.Ended.IsCompleted || pair.Listener.Ended.IsCompleted);
        Assert.NotNull(pair.Dialer.RoundTrip);
    }

    [Fact]
    public async Task A_connection_that_takes_no_bytes_ends_within_the_write_time_out()
    {
        var time = new FakeTimeProvider();
        var options = new YamuxOptions { KeepAlive = TimeSpan.Zero };
        await using var peer = RawPeer.Facing(ConnectionRole.Dialer, options, time, capacity: 16);
        var stream = await peer.Session.OpenAsync(InTime.Soon());
        await stream.WriteAsync(new byte[1000], InTime.Soon());

        // The send begins on another thread: time goes on until it has been waiting for long enough.
        var deadline = InTime.Soon();
        while (!peer.Session.Ended.IsCompleted && !deadline.IsCancellationRequested)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(TransportError.TimedOut, (await peer.Session.Ended.WaitAsync(InTime.Soon())).Error?.Error);
        Assert.Equal(0, peer.Pool.Outstanding);
    }

    [Fact]
    public async Task A_disposed_stream_whose_peer_never_finishes_is_reset_when_its_linger_time_is_over()
    {
        var time = new FakeTimeProvider();
        var options = new YamuxOptions { Linger = TimeSpan.FromSeconds(5) };
        await using var peer = RawPeer.Facing(ConnectionRole.Dialer, options, time);
        var stream = await peer.Session.OpenAsync(InTime.Soon());
        await stream.WriteAsync(new byte[] { 1 }, InTime.Soon());
        await stream.DisposeAsync();
        Assert.Equal(YamuxType.Data, (await peer.NextAsync()).Type);
        Assert.Equal(YamuxFlags.Fin, (await peer.NextAsync()).Flags);
        Assert.Equal(1, peer.Session.StreamCount);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Rst, 1, 0), await peer.NextAsync());
        Assert.Equal(0, peer.Session.StreamCount);
    }
}
