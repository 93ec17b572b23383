using Netabase.Transport.Network;
using Netabase.Transport.Perf;
using Netabase.Transport.Ping;
using Netabase.Transport.Specs.Network;

namespace Netabase.Transport.Specs.Ping;

/// <summary>Ping and perf, over all of our libp2p but sockets.</summary>
public sealed class PingSpecs : IAsyncLifetime
{
    private readonly MemoryNet _net = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _net.DisposeAsync();

    [Fact]
    public async Task Pings_come_back_on_one_stream()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        await here.ConnectAsync(there);
        var trips = await new PingService(here).PingAsync(there.LocalPeer, 5).Soon();
        Assert.Equal(5, trips.Count);
        Assert.All(trips, trip => Assert.True(trip > TimeSpan.Zero));
    }

    [Fact]
    public async Task Other_bytes_are_no_answer()
    {
        var there = _net.Create(options => options with { AnswerPing = false });
        there.Handle(PingService.Protocol, async (stream, stopping) => await stream.WriteAsync(new byte[PingService.Size], stopping));
        await there.StartAsync().Soon();
        var here = await _net.StartAsync();
        await here.ConnectAsync(there);
        await new PingService(here).PingAsync(there.LocalPeer).FailsAsync(TransportError.ProtocolViolation);
    }

    [Fact]
    public async Task A_peer_is_pinged_by_one_at_a_time()
    {
        var there = _net.Create(options => options with { AnswerPing = false });
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        there.Handle(PingService.Protocol, async (_, stopping) =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, stopping);
        });
        await there.StartAsync().Soon();
        var here = await _net.StartAsync();
        await here.ConnectAsync(there);
        var ping = new PingService(here);
        using var given = new CancellationTokenSource();
        var first = ping.PingAsync(there.LocalPeer, given.Token).AsTask();
        await asked.Task.Soon();
        await ping.PingAsync(there.LocalPeer).FailsAsync(TransportError.LimitReached);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Soon());
    }

    [Fact]
    public async Task A_ping_that_is_not_answered_times_out()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var there = _net.Create(options => options with { AnswerPing = false });
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        there.Handle(PingService.Protocol, async (_, stopping) =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, stopping);
        });
        await there.StartAsync().Soon();
        var here = await _net.StartAsync();
        await here.ConnectAsync(there);
        var pinging = new PingService(here, time).PingAsync(there.LocalPeer).AsTask();
        await asked.Task.Soon();
        time.Advance(TimeSpan.FromSeconds(11));
        await pinging.FailsAsync(TransportError.TimedOut);
    }

    [Fact]
    public async Task A_third_ping_stream_of_one_peer_is_reset()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        await here.ConnectAsync(there);
        var streams = new List<IPeerStream>();
        for (var i = 0; i < 2; i++)
        {
            streams.Add(await here.OpenStreamAsync(there.LocalPeer, [PingService.Protocol]).Soon());
            await streams[i].WriteAsync(new byte[PingService.Size], default).Soon();
            Assert.NotEqual(0, await streams[i].ReadAsync(new byte[PingService.Size], default).Soon());
        }

        var failure = await Assert.ThrowsAsync<TransportException>(async () =>
        {
            await using var third = await here.OpenStreamAsync(there.LocalPeer, [PingService.Protocol]).Soon();
            await third.WriteAsync(new byte[PingService.Size], default).Soon();
            await third.ReadAsync(new byte[PingService.Size], default).Soon();
        });
        Assert.Equal(TransportError.StreamReset, failure.Error);
    }

    [Fact]
    public async Task A_third_ping_stream_waits_a_moment_for_one_of_two_that_is_about_to_end()
    {
        var there = await _net.StartAsync(options => options with { PlaceGrace = Patience.Limit });
        var here = await _net.StartAsync();
        await here.ConnectAsync(there);
        var streams = new List<IPeerStream>();
        for (var i = 0; i < 2; i++)
        {
            streams.Add(await here.OpenStreamAsync(there.LocalPeer, [PingService.Protocol]).Soon());
            await streams[i].WriteAsync(new byte[PingService.Size], default).Soon();
            Assert.NotEqual(0, await streams[i].ReadAsync(new byte[PingService.Size], default).Soon());
        }

        var third = await here.OpenStreamAsync(there.LocalPeer, [PingService.Protocol]).Soon();
        await third.WriteAsync(new byte[PingService.Size], default).Soon();
        await streams[0].CloseWriteAsync(default).Soon();
        Assert.NotEqual(0, await third.ReadAsync(new byte[PingService.Size], default).Soon());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 3_000_001)]
    [InlineData(3_000_001, 1)]
    public async Task Perf_moves_as_many_bytes_as_asked_for(long upload, long download)
    {
        var there = await _net.StartAsync(options => options with { AnswerPerf = true });
        var here = await _net.StartAsync();
        await here.ConnectAsync(there);
        var result = await PerfService.MeasureAsync(here, there.LocalPeer, upload, download).Soon();
        Assert.True(result.Upload >= TimeSpan.Zero && result.Download > TimeSpan.Zero);
    }

    [Fact]
    public async Task Perf_is_off_unless_turned_on()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        Assert.DoesNotContain(PerfService.Protocol, there.Protocols);
        await here.ConnectAsync(there);
        await PerfService.MeasureAsync(here, there.LocalPeer, 1, 1).FailsAsync(TransportError.ProtocolNotSupported);
    }
}
