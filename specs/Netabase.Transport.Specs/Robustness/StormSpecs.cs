using Netabase.Transport.Network;
using Netabase.Transport.Tcp;
using Xunit.Abstractions;

namespace Netabase.Transport.Specs.Robustness;

/// <summary>
/// Streams over real TCP, Noise and Yamux while connections are cut, delivered in odd pieces and delayed. 5,000 in the normal
/// run, a million with NETABASE_LONG=1; NETABASE_SEED replays the choices.
/// </summary>
[Collection(Alone.Name)]
public sealed class StormSpecs(ITestOutputHelper output)
{
    private const int Dialers = 6;

    [Fact]
    public async Task No_stream_hangs_and_nothing_leaks_while_connections_break()
    {
        var seed = Randomness.Seed();
        var streams = Randomness.Count(5_000, 1_000_000);

        // A first storm loads code and fills the pools that keep things for later.
        await StormAsync(seed, 300);
        var before = Leftovers.Count();
        var tally = await StormAsync(seed + 1, streams);
        output.WriteLine($"seed {seed}: {streams} streams: {tally}");

        Assert.True(tally.Wrong.Count == 0, $"seed {seed}: {tally.Wrong.Count} wrong: {string.Join('\n', tally.Wrong.Take(10))}");
        Assert.Equal(streams, tally.Done + tally.Failed);
        Assert.True(tally.Done > streams / 2, $"seed {seed}: faults ended most streams, which proves little: {tally}");
        Assert.True(tally.Failed > 0, $"seed {seed}: no fault was met, which proves nothing.");
        before.AssertAllReturned();
    }

    private static async Task<StormTally> StormAsync(int seed, int streams)
    {
        await using var target = await Nodes.ListenAsync();
        StreamStorm.Answer(target);
        var dialers = new List<Swarm>();
        try
        {
            for (var number = 0; number < Dialers; number++)
            {
                var dialer = await Nodes.StartAsync(Nodes.Options(new FaultyTransport(new TcpTransport(), HashCode.Combine(seed, number))));
                dialers.Add(dialer);
                dialer.Peers.AddAddresses(target.LocalPeer, target.ListenAddresses, PeerStore.Permanent, AddressSource.Configured);
            }

            var storm = new StreamStorm(seed, dialers, target.LocalPeer);
            await storm.RunAsync(streams, atOnce: 96);
            return storm.Tally;
        }
        finally
        {
            foreach (var dialer in dialers)
            {
                await dialer.DisposeAsync();
                Assert.Empty(dialer.Connections);
            }

            await target.StopAsync();
            Assert.Empty(target.Connections);
        }
    }
}
