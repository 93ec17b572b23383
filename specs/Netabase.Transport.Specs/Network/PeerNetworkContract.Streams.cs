using Netabase.Transport.Connections;
using Netabase.Transport.Network;

namespace Netabase.Transport.Specs.Network;

public abstract partial class PeerNetworkContract
{
    private static readonly ProtocolId Unknown = new("/spec/unknown/1.0.0");

    private async Task<(Swarm Here, Swarm There)> ConnectedAsync()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        await here.ConnectAsync(there);
        return (here, there);
    }

    [Fact]
    public async Task A_stream_carries_bytes_both_ways_and_each_side_ends_on_its_own()
    {
        var (here, there) = await ConnectedAsync();
        there.AnswerEcho();
        var message = new byte[300_000];
        new Random(7).NextBytes(message);
        await using var stream = await here.OpenStreamAsync(there.LocalPeer, [TestNetworks.Echo]).Soon();
        Assert.Equal((there.LocalPeer, TestNetworks.Echo, Direction.Outbound), (stream.Peer, stream.Protocol, stream.Direction));
        var reading = stream.ReadToEndAsync();
        await stream.WriteAsync(message, CancellationToken.None).Soon();
        await stream.CloseWriteAsync(CancellationToken.None).Soon();
        Assert.Equal(message, await reading);
    }

    [Fact]
    public async Task The_listening_side_may_open_streams_as_well()
    {
        var (here, there) = await ConnectedAsync();
        here.AnswerEcho();
        using var events = there.Subscribe();
        if (there.Connections.IsEmpty)
        {
            await events.NextAsync<NetworkEvent.PeerConnected>();
        }

        Assert.Equal([5], await there.EchoAsync(here.LocalPeer, [5]));
        Assert.Single(there.Connections);
    }

    [Fact]
    public async Task A_hundred_streams_at_once_do_not_mix()
    {
        var (here, there) = await ConnectedAsync();
        there.AnswerEcho();
        var echoes = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            var message = Enumerable.Repeat((byte)i, 1000 + i).ToArray();
            return (await here.EchoAsync(there.LocalPeer, message)).SequenceEqual(message);
        }));
        Assert.DoesNotContain(false, echoes);
    }

    [Fact]
    public async Task A_protocol_that_the_peer_does_not_answer_is_refused_on_opening_or_first_reading()
    {
        var (here, there) = await ConnectedAsync();
        var failure = await Assert.ThrowsAsync<TransportException>(async () =>
        {
            await using var stream = await here.OpenStreamAsync(there.LocalPeer, [Unknown]).Soon();
            await stream.ReadAsync(new byte[1], CancellationToken.None).Soon();
        });
        Assert.Equal(TransportError.ProtocolNotSupported, failure.Error);
        Assert.Single(here.Connections);
    }

    [Fact]
    public async Task The_first_protocol_in_common_is_spoken()
    {
        var (here, there) = await ConnectedAsync();
        there.AnswerEcho();
        await using var stream = await here.OpenStreamAsync(there.LocalPeer, [Unknown, TestNetworks.Echo]).Soon();
        Assert.Equal(TestNetworks.Echo, stream.Protocol);
    }

    [Fact]
    public async Task A_stream_to_a_known_peer_dials_it()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        there.AnswerEcho();
        here.Peers.AddAddresses(there.LocalPeer, there.ListenAddresses, PeerStore.Permanent, AddressSource.Configured);
        Assert.Equal([1], await here.EchoAsync(there.LocalPeer, [1]));
    }

    [Fact]
    public async Task A_protocol_is_handled_by_one_handler_only()
    {
        var here = await _net.StartAsync();
        here.AnswerEcho();
        Assert.Throws<InvalidOperationException>(() => here.AnswerEcho());
        Assert.Contains(TestNetworks.Echo, here.Protocols);
        Assert.True(here.Unhandle(TestNetworks.Echo));
        Assert.False(here.Unhandle(TestNetworks.Echo));
        Assert.DoesNotContain(TestNetworks.Echo, here.Protocols);
        Assert.Equal(here.Protocols.OrderBy(protocol => protocol.Name, StringComparer.Ordinal), here.Protocols);
    }

    [Fact]
    public async Task A_handler_that_fails_costs_its_stream_and_nothing_else()
    {
        var (here, there) = await ConnectedAsync();
        there.AnswerEcho();
        there.Handle(Unknown, (_, _) => throw new InvalidOperationException("a bug of the application"));
        var failure = await Assert.ThrowsAsync<TransportException>(async () =>
        {
            await using var stream = await here.OpenStreamAsync(there.LocalPeer, [Unknown]).Soon();
            await stream.ReadAsync(new byte[1], CancellationToken.None).Soon();
        });
        Assert.Equal(TransportError.StreamReset, failure.Error);
        Assert.Equal([9], await here.EchoAsync(there.LocalPeer, [9]));
    }

    [Fact]
    public async Task Streams_beyond_a_protocols_limit_for_one_peer_are_reset()
    {
        var (here, there) = await ConnectedAsync();
        there.AnswerEcho(new StreamLimits(Total: 100, PerPeer: 2));
        var held = new List<IPeerStream>();
        for (var i = 0; i < 2; i++)
        {
            held.Add(await here.OpenStreamAsync(there.LocalPeer, [TestNetworks.Echo]).Soon());
            await held[i].WriteAsync(new byte[] { 1 }, CancellationToken.None).Soon();
            Assert.Equal(1, await held[i].ReadAsync(new byte[8], CancellationToken.None).Soon());
        }

        var failure = await Assert.ThrowsAsync<TransportException>(async () =>
        {
            await using var beyond = await here.OpenStreamAsync(there.LocalPeer, [TestNetworks.Echo]).Soon();
            await beyond.ReadAsync(new byte[8], CancellationToken.None).Soon();
        });
        Assert.Equal(TransportError.StreamReset, failure.Error);

        await held[0].CloseWriteAsync(CancellationToken.None).Soon();
        Assert.Equal(0, await held[0].ReadAsync(new byte[8], CancellationToken.None).Soon());
        foreach (var stream in held)
        {
            await stream.DisposeAsync().Soon();
        }
    }

    [Fact]
    public async Task Stopping_lets_a_handler_finish_what_it_has_in_hand()
    {
        var (here, there) = await ConnectedAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        there.Handle(Unknown, async (stream, stopping) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, stopping).ContinueWith(_ => { }, TaskScheduler.Default);
            await stream.WriteAsync(new byte[] { 42 }, CancellationToken.None);
        });
        await using var stream = await here.OpenStreamAsync(there.LocalPeer, [Unknown]).Soon();
        var answer = new byte[8];
        var reading = stream.ReadAsync(answer, CancellationToken.None).Soon();
        await asked.Task.Soon();
        await there.StopAsync().Soon();
        Assert.Equal(1, await reading);
        Assert.Equal(42, answer[0]);
    }

    [Fact]
    public async Task When_a_connection_ends_its_streams_fail_and_its_handlers_are_cancelled()
    {
        var (here, there) = await ConnectedAsync();
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        there.Handle(Unknown, async (_, stopping) =>
        {
            await using var told = stopping.Register(cancelled.SetResult);
            started.SetResult();
            await Task.Delay(Timeout.Infinite, stopping);
        });
        await using var stream = await here.OpenStreamAsync(there.LocalPeer, [Unknown]).Soon();
        var reading = stream.ReadAsync(new byte[8], CancellationToken.None).AsTask();
        await started.Task.Soon();
        await here.DisconnectAsync(there.LocalPeer).Soon();
        await cancelled.Task.Soon();
        var failure = await Assert.ThrowsAsync<TransportException>(() => reading.Soon());
        Assert.Contains(failure.Error, new[] { TransportError.ConnectionClosed, TransportError.StreamReset });
    }

    [Fact]
    public async Task A_peer_that_does_not_read_stalls_its_own_stream_only()
    {
        var (here, there) = await ConnectedAsync();
        there.AnswerEcho();
        there.Handle(Unknown, (_, stopping) => Task.Delay(Timeout.Infinite, stopping));
        await using var stalled = await here.OpenStreamAsync(there.LocalPeer, [Unknown]).Soon();
        using var given = new CancellationTokenSource();
        var writing = stalled.WriteAsync(new byte[64 << 20], given.Token).AsTask();
        Assert.Equal([3], await here.EchoAsync(there.LocalPeer, [3]));
        Assert.False(writing.IsCompleted);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.Soon());
        stalled.Reset();
    }
}
