using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;
using Netabase.Transport.Noise;
using Netabase.Transport.Tcp;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Robustness;

/// <summary>Nodes over real TCP, Noise and Yamux on loopback.</summary>
internal static class Nodes
{
    public static readonly Multiaddr Loopback = Multiaddr.Parse("/ip4/127.0.0.1/tcp/0");

    public static PeerNetworkOptions Options(ITransport? transport = null)
    {
        var identity = PrivateKey.Generate();
        return new PeerNetworkOptions
        {
            Identity = identity,
            Transports = [transport ?? new TcpTransport()],
            Securities = [new NoiseSecurity(identity)],
            Muxers = [new YamuxMuxer()],
            Limits = new ConnectionLimits { Total = 4096, Inbound = 2048, Outbound = 2048, PerPeer = 64 },
            Trim = new TrimSettings { HighWater = 4000, LowWater = 3900 },
            Dial = new DialSettings { BackoffBase = TimeSpan.FromMilliseconds(1), BackoffStep = TimeSpan.Zero },
        };
    }

    public static async Task<Swarm> StartAsync(PeerNetworkOptions options)
    {
        var swarm = Swarm.Create(options);
        await swarm.StartAsync();
        return swarm;
    }

    public static Task<Swarm> ListenAsync(PeerNetworkOptions? options = null) =>
        StartAsync((options ?? Options()) with { ListenAddresses = [Loopback] });
}
