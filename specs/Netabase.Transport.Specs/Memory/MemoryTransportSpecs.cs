using Netabase.Multiformats;
using Netabase.Transport.Memory;
using Netabase.Transport.Specs.Yamux;

namespace Netabase.Transport.Specs.Memory;

/// <summary>Connections in memory keep the seam's promises.</summary>
public sealed class MemoryTransportSpecs
{
    [Fact]
    public async Task A_dialer_reaches_the_listener_of_that_name()
    {
        var transport = new MemoryTransport(new MemoryNetwork());
        await using var listener = await transport.ListenAsync(Multiaddr.Memory("0"), InTime.Soon());
        Assert.NotEqual("/memory/0", listener.Address.ToString());
        await using var ours = await transport.DialAsync(listener.Address, InTime.Soon());
        await using var theirs = await listener.AcceptAsync(InTime.Soon());
        Assert.NotNull(theirs);
        Assert.Equal(listener.Address, ours.RemoteAddress);
        Assert.Equal(ours.LocalAddress, theirs.RemoteAddress);
        await ours.SendAsync(new byte[] { 1, 2 }, InTime.Soon());
        var buffer = new byte[10];
        Assert.Equal(2, await theirs.ReceiveAsync(buffer, InTime.Soon()));
        await ours.DisposeAsync();
        Assert.Equal(0, await theirs.ReceiveAsync(buffer, InTime.Soon()));
    }

    [Fact]
    public async Task Nobody_there_is_unreachable_and_a_name_is_bound_once()
    {
        var transport = new MemoryTransport(new MemoryNetwork(), backlog: 1);
        var address = Multiaddr.Memory("7");
        Assert.Equal(TransportError.Unreachable, await StreamReading.FailsAsync(async () => await transport.DialAsync(address, default)));
        var listener = await transport.ListenAsync(address, default);
        Assert.Equal(TransportError.AddressUnusable, await StreamReading.FailsAsync(async () => await transport.ListenAsync(address, default)));
        var waiting = await transport.DialAsync(address, default);
        Assert.Equal(TransportError.Unreachable, await StreamReading.FailsAsync(async () => await transport.DialAsync(address, default)));
        await listener.DisposeAsync();
        Assert.Null(await listener.AcceptAsync(InTime.Soon()));
        Assert.Equal(0, await waiting.ReceiveAsync(new byte[1], InTime.Soon()));
        await (await transport.ListenAsync(address, default)).DisposeAsync();
        Assert.False(transport.CanDial(Multiaddr.Parse("/ip4/127.0.0.1/tcp/1")));
    }

    [Fact]
    public async Task A_sender_waits_while_the_pipe_is_full_and_every_byte_arrives_in_order()
    {
        var (one, other) = MemoryConnection.CreatePair(capacity: 100);
        var sent = StreamReading.Pattern(10_000);
        var sending = one.SendAsync(sent, InTime.Soon()).AsTask();
        Assert.False(sending.IsCompleted);
        var received = new byte[sent.Length];
        for (var at = 0; at < sent.Length;)
            at += await other.ReceiveAsync(received.AsMemory(at, Math.Min(33, sent.Length - at)), InTime.Soon());
        await sending;
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task An_empty_receive_waits_for_something_to_read()
    {
        var (one, other) = MemoryConnection.CreatePair();
        var waiting = other.ReceiveAsync(Memory<byte>.Empty, InTime.Soon()).AsTask();
        Assert.False(waiting.IsCompleted);
        await one.SendAsync(new byte[] { 9 }, InTime.Soon());
        Assert.Equal(0, await waiting);
        var buffer = new byte[1];
        Assert.Equal(1, await other.ReceiveAsync(buffer, InTime.Soon()));
        Assert.Equal(9, buffer[0]);
    }

    [Fact]
    public async Task A_cut_ends_both_sides_at_once()
    {
        var (one, other) = MemoryConnection.CreatePair(capacity: 10);
        var sending = one.SendAsync(new byte[100], default).AsTask();
        var receiving = one.ReceiveAsync(new byte[1], default).AsTask();
        other.Abort();
        Assert.Equal(TransportError.ConnectionClosed, await StreamReading.FailsAsync(() => sending));
        Assert.Equal(TransportError.ConnectionClosed, await StreamReading.FailsAsync(() => receiving));
        other.Abort();
    }
}
