using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Netabase.Actors.Node;
using Netabase.Actors.Settings;
using Netabase.Actors.Swarm;
using Netabase.Multiformats;
using Netabase.Persistence.Memory;
using Netabase.Protocol.Kademlia;
using Netabase.Transport.Network;

namespace Netabase.Daemon;

/// <summary>A whole node without models in the public network's DHT, over a network made as the daemon's flags say.</summary>
internal sealed class NodeDht : IDaemonDht, IAsyncDisposable
{
    private const long MemoryMax = 64 << 20;

    private readonly ActorSystem _system;
    private readonly NetabaseNode _node;

    private NodeDht(ActorSystem system, NetabaseNode node, Swarm network) => (_system, _node, Network) = (system, node, network);

    /// <summary>The node's network, which is running.</summary>
    public Swarm Network { get; }

    /// <summary>Starts one.</summary>
    /// <exception cref="NetabaseException">It cannot listen.</exception>
    public static async Task<NodeDht> StartAsync(DaemonOptions options, string mode, CancellationToken cancellation)
    {
        var settings = NetabaseSettings.Create(ConfigurationFactory.ParseString($$"""
            netabase.network { mode = {{mode}}, mdns.enabled = off }
            netabase.kademlia.protocol = "/ipfs/kad/1.0.0"
            """));
        Swarm? network = null;
        var node = new NetabaseNode(new NodeSetup(settings, [], new MemoryBackend(MemoryMax))
        {
            Network = plan => new BuiltNetwork(network = options.IdentityFile is null ? DaemonNode.Create(options, plan.Identity) : DaemonNode.Create(options)),
        });
        var system = ActorSystem.Create("daemon", "akka { loglevel = WARNING, stdout-loglevel = OFF, coordinated-shutdown.run-by-clr-shutdown-hook = off }");
        try
        {
            await node.StartAsync(system, cancellation);
            await node.StartSwarmAsync(cancellation);
            return new NodeDht(system, node, network!);
        }
        catch
        {
            await node.DisposeAsync();
            await system.Terminate();
            throw;
        }
    }

    public async Task<DhtPeer?> FindPeerAsync(PeerId peer, CancellationToken cancellation) =>
        await _node.FindPeerAsync(peer, cancellation) is { } found ? Told(found) : null;

    public async Task<ImmutableArray<PeerId>> ClosestAsync(ReadOnlyMemory<byte> key, CancellationToken cancellation) =>
        ImmutableArray.CreateRange(await _node.FindNearestAsync(new Payload(key), cancellation), peer => peer.Id);

    public async Task<byte[]?> GetAsync(ReadOnlyMemory<byte> key, CancellationToken cancellation) =>
        (await _node.GetRawAsync(new Payload(key), cancellation))?.Span.ToArray();

    public async Task PutAsync(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        try
        {
            await _node.PutRawAsync(new Payload(key), new Payload(value), cancellation);
        }
        catch (ArgumentException wrong)
        {
            throw new InvalidDataException(wrong.Message, wrong);
        }
    }

    public async Task ProvideAsync(ReadOnlyMemory<byte> multihash, CancellationToken cancellation)
    {
        if (await _node.StartProvidingRawAsync(new Payload(multihash), cancellation) is ProvideResult.Refused refused)
        {
            throw new InvalidDataException(refused.Detail);
        }
    }

    public async Task<ImmutableArray<DhtPeer>> FindProvidersAsync(ReadOnlyMemory<byte> multihash, int count, CancellationToken cancellation) =>
        [.. (await _node.GetProvidersRawAsync(new Payload(multihash), cancellation)).Take(count).Select(Told)];

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _system.Terminate();
    }

    private static DhtPeer Told(KademliaPeer peer) => new(peer.Id, peer.Addresses);
}
