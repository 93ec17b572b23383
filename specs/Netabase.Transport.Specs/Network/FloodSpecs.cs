using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Memory;
using Netabase.Transport.Network;
using Netabase.Transport.Noise;
using Netabase.Transport.Upgrade;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Network;

/// <summary>A peer that opens streams and does not say what for (security checklist, items 6 and 7, above the muxer).</summary>
public sealed class FloodSpecs : IAsyncLifetime
{
    private readonly MemoryNetwork _memory = new();
    private MemoryNet _net = null!;
    private Swarm _hub = null!;

    public async Task InitializeAsync()
    {
        _net = new MemoryNet(_memory);
        _hub = await _net.StartAsync(options => options with { NegotiationTimeout = TimeSpan.FromSeconds(5) });
        _hub.AnswerEcho();
    }

    public async Task DisposeAsync() => await _net.DisposeAsync();

    [Fact]
    public async Task Streams_that_never_name_their_protocol_are_reset_in_time_and_nobody_else_waits_for_them()
    {
        using var noise = new NoiseSecurity(PrivateKey.Generate());
        var dialer = new UpgradedTransport(new MemoryTransport(_memory), new Upgrader([noise], [new YamuxMuxer()]));
        var hostile = (await dialer.DialAsync(_hub.ListenAddresses[0], _hub.LocalPeer, CancellationToken.None).Soon()).Muxed;
        var silent = new List<IMuxedStream>();
        for (var i = 0; i < 200; i++)
        {
            var stream = await hostile.OpenAsync(CancellationToken.None).Soon();
            await stream.WriteAsync(new byte[] { 0x13 }, CancellationToken.None).Soon();
            silent.Add(stream);
        }

        var friend = await _net.StartAsync();
        await friend.ConnectAsync(_hub);
        Assert.Equal([1], await friend.EchoAsync(_hub.LocalPeer, [1]));
        foreach (var stream in silent)
        {
            await DrainAsync(stream).FailsAsync(TransportError.StreamReset);
        }

        await hostile.DisposeAsync();
    }

    [Fact]
    public async Task Requests_for_what_nobody_answers_cost_nothing_that_stays()
    {
        var peer = await _net.StartAsync();
        await peer.ConnectAsync(_hub);
        var nonsense = new ProtocolId("/spec/nonsense/1.0.0");
        var times = Environment.GetEnvironmentVariable("NETABASE_LONG") == "1" ? 100_000 : 2_000;
        for (var i = 0; i < times; i++)
        {
            var failure = await Assert.ThrowsAsync<TransportException>(async () =>
            {
                await using var stream = await peer.OpenStreamAsync(_hub.LocalPeer, [nonsense]).Soon();
                await stream.ReadAsync(new byte[1], CancellationToken.None).Soon();
            });
            Assert.Equal(TransportError.ProtocolNotSupported, failure.Error);
        }

        Assert.Equal([1], await peer.EchoAsync(_hub.LocalPeer, [1]));
        Assert.InRange(Assert.Single(_hub.Connections).Streams, 0, 4);
    }

    /// <summary>Reads whatever the other end may have said before it lost patience.</summary>
    private static async Task DrainAsync(IMuxedStream stream)
    {
        var buffer = new byte[64];
        while (await stream.ReadAsync(buffer, CancellationToken.None) > 0)
        {
        }
    }
}
