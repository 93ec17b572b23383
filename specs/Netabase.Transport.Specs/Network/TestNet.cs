using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Loopback;
using Netabase.Transport.Memory;
using Netabase.Transport.Network;
using Netabase.Transport.Noise;
using Netabase.Transport.Tcp;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Network;

/// <summary>Several networks that can reach each other, all stopped at the end.</summary>
internal abstract class TestNet : IAsyncDisposable
{
    private readonly List<IPeerNetwork> _networks = [];

    public async Task<Swarm> StartAsync(Func<PeerNetworkOptions, PeerNetworkOptions>? configure = null)
    {
        var network = Create(configure);
        await network.StartAsync().Soon();
        return network;
    }

    public Swarm Create(Func<PeerNetworkOptions, PeerNetworkOptions>? configure = null)
    {
        var network = Build(PrivateKey.Generate(), configure ?? (options => options));
        _networks.Add(network);
        return network;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_networks.Select(network => network.DisposeAsync().AsTask())).Soon();
        DisposeWorld();
    }

    protected abstract Swarm Build(PrivateKey identity, Func<PeerNetworkOptions, PeerNetworkOptions> configure);

    protected virtual void DisposeWorld()
    {
    }
}

/// <summary>Networks over <see cref="LoopbackWorld"/>.</summary>
internal sealed class LoopbackNet(LoopbackWorld? world = null) : TestNet
{
    public LoopbackWorld World { get; } = world ?? new LoopbackWorld();

    protected override Swarm Build(PrivateKey identity, Func<PeerNetworkOptions, PeerNetworkOptions> configure) =>
        World.Join(identity, configure);

    protected override void DisposeWorld() => World.Dispose();
}

/// <summary>Networks of real upgrades over some transport.</summary>
internal abstract class UpgradedNet(ITransport transport, string listen) : TestNet
{
    private readonly List<NoiseSecurity> _securities = [];

    protected override Swarm Build(PrivateKey identity, Func<PeerNetworkOptions, PeerNetworkOptions> configure)
    {
        var noise = new NoiseSecurity(identity);
        _securities.Add(noise);
        return Swarm.Create(configure(new PeerNetworkOptions
        {
            Identity = identity,
            Transports = [transport],
            Securities = [noise],
            Muxers = [new YamuxMuxer()],
            ListenAddresses = [Multiaddr.Parse(listen)],
        }));
    }

    protected override void DisposeWorld() => _securities.ForEach(noise => noise.Dispose());
}

/// <summary>Networks over memory, Noise and Yamux.</summary>
internal sealed class MemoryNet(MemoryNetwork? network = null)
    : UpgradedNet(new MemoryTransport(network ?? new MemoryNetwork()), "/memory/0");

/// <summary>Networks over TCP, Noise and Yamux.</summary>
internal sealed class TcpNet() : UpgradedNet(new TcpTransport(), "/ip4/127.0.0.1/tcp/0");

/// <summary>What specs do with networks all the time.</summary>
internal static class TestNetworks
{
    public static readonly ProtocolId Echo = new("/spec/echo/1.0.0");

    public static Task<ConnectionInfo> ConnectAsync(this IPeerNetwork from, IPeerNetwork to) =>
        from.ConnectAsync(to.LocalPeer, to.ListenAddresses).Soon();

    /// <summary>Answers <see cref="Echo"/> with what it receives, until its end.</summary>
    public static void AnswerEcho(this IPeerNetwork network, StreamLimits? limits = null) => network.Handle(Echo, EchoAsync, limits);

    public static async Task EchoAsync(IPeerStream stream, CancellationToken stopping)
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, stopping) is > 0 and var read)
        {
            await stream.WriteAsync(buffer.AsMemory(0, read), stopping);
        }
    }

    public static async Task<byte[]> ReadToEndAsync(this IMuxedStream stream)
    {
        var all = new List<byte>();
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, CancellationToken.None).Soon() is > 0 and var read)
        {
            all.AddRange(buffer.AsSpan(0, read));
        }

        return [.. all];
    }

    /// <summary>One message there and back on a stream of its own.</summary>
    public static async Task<byte[]> EchoAsync(this IPeerNetwork from, PeerId to, byte[] message)
    {
        await using var stream = await from.OpenStreamAsync(to, [Echo]).Soon();
        await stream.WriteAsync(message, CancellationToken.None).Soon();
        await stream.CloseWriteAsync(CancellationToken.None).Soon();
        return await stream.ReadToEndAsync();
    }
}
