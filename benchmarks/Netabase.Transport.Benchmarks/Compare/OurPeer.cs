using System.Globalization;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;
using Netabase.Transport.Noise;
using Netabase.Transport.Tcp;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Benchmarks.Compare;

/// <summary>Our node as the benchmark uses it, and the process that only answers.</summary>
internal static class OurPeer
{
    public static readonly ProtocolId Echo = new("/netabase-interop/echo/1.0.0");

    public static Swarm Create(bool listens)
    {
        var identity = PrivateKey.Generate();
        return Swarm.Create(new PeerNetworkOptions
        {
            Identity = identity,
            Transports = [new TcpTransport()],
            Securities = [new NoiseSecurity(identity)],
            Muxers = [new YamuxMuxer()],
            ListenAddresses = listens ? [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")] : [],
            AnswerPerf = true,
            IdleTimeout = TimeSpan.FromMinutes(10),
            Limits = new ConnectionLimits
            {
                Total = 4096,
                Inbound = 4096,
                Outbound = 4096,
                UnidentifiedInbound = 4096,
                PendingInbound = 4096,
                PerPeer = 4096,
            },
            Trim = new TrimSettings { HighWater = 4096, LowWater = 4000 },
        });
    }

    /// <summary>Prints the address and that of <see cref="BareTcp"/>, then answers <c>memory</c> with the resident bytes until the input ends.</summary>
    public static async Task ServeAsync()
    {
        await using var swarm = Create(listens: true);
        swarm.Handle(Echo, async (stream, stop) =>
        {
            var buffer = new byte[64 * 1024];
            while (await stream.ReadAsync(buffer, stop) is var count and > 0)
            {
                await stream.WriteAsync(buffer.AsMemory(0, count), stop);
            }
        });
        Requests.Answer(swarm);
        using var stopping = new CancellationTokenSource();
        var bare = BareTcp.Serve(stopping.Token, out var serving);
        await swarm.StartAsync();
        Console.WriteLine($"{swarm.ListenAddresses[0].WithPeer(swarm.LocalPeer)} {bare}");
        while (await Console.In.ReadLineAsync() is not null)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Console.WriteLine(Environment.WorkingSet.ToString(CultureInfo.InvariantCulture));
        }

        await stopping.CancelAsync();
        await serving;
    }
}
