using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Actors.Node;

/// <content>
/// What needs roles that this node is built without: each says so by the role's name. They come with the swarm, with
/// Kademlia and with Paxos, and take their place below the node's supervisor.
/// </content>
public sealed partial class NetabaseNode
{
    /// <inheritdoc/>
    public PeerId? LocalPeer => null;

    /// <inheritdoc/>
    public ValueTask<PutResult> PutRecordAsync<TModel>(TModel model, TimeSpan? timeToLive = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => throw Needs("kademlia", "PutRecordLocallyAsync stores without it");

    /// <inheritdoc/>
    public ValueTask<PutResult> PutRecordToAsync<TModel>(
        TModel model, IReadOnlyCollection<PeerId> peers, TimeSpan? timeToLive = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => throw Needs("kademlia", "PutRecordLocallyAsync stores without it");

    /// <inheritdoc/>
    public ValueTask StartSwarmAsync(CancellationToken cancellation = default) => throw Needs("swarm");

    /// <inheritdoc/>
    public ValueTask StopSwarmAsync(CancellationToken cancellation = default) => throw Needs("swarm");

    /// <inheritdoc/>
    public ValueTask<BootstrapResult> BootstrapAsync(CancellationToken cancellation = default) => throw Needs("kademlia");

    /// <inheritdoc/>
    public ValueTask AddAddressAsync(PeerId peer, Multiaddr address, CancellationToken cancellation = default) => throw Needs("kademlia");

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAddressAsync(PeerId peer, Multiaddr address, CancellationToken cancellation = default) => throw Needs("kademlia");

    /// <inheritdoc/>
    public ValueTask<bool> RemovePeerAsync(PeerId peer, CancellationToken cancellation = default) => throw Needs("kademlia");

    /// <inheritdoc/>
    public ValueTask<NetworkMode> GetModeAsync(CancellationToken cancellation = default) => throw Needs("kademlia");

    /// <inheritdoc/>
    public ValueTask SetModeAsync(NetworkMode mode, CancellationToken cancellation = default) => throw Needs("kademlia");

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<string>> GetProtocolNamesAsync(CancellationToken cancellation = default) => throw Needs("swarm");

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<Multiaddr>> GetListenAddressesAsync(CancellationToken cancellation = default) => throw Needs("swarm");

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<ConnectedPeer>> GetPeersAsync(CancellationToken cancellation = default) => throw Needs("swarm");

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<RoutingPeer>> GetRoutesAsync(CancellationToken cancellation = default) => throw Needs("kademlia");

    /// <inheritdoc/>
    public ValueTask<PingResult> PingAsync(Multiaddr address, CancellationToken cancellation = default) => throw Needs("swarm");

    /// <inheritdoc/>
    public ValueTask<ProvideResult> StartProvidingAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => throw Needs("kademlia");

    /// <inheritdoc/>
    public ValueTask<bool> StopProvidingAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => throw Needs("kademlia");

    /// <inheritdoc/>
    public ValueTask<ProvidersResult> GetProvidersAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => throw Needs("kademlia");

    /// <inheritdoc/>
    public ValueTask<ConsensusResult> PutRecordConsensusAsync<TModel>(
        TModel model, OperationId? id = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => throw Needs("paxos");

    /// <inheritdoc/>
    public ValueTask<ConsensusResult> CompareAndSetConsensusAsync<TModel>(
        TModel model, HybridTimestamp? expected, OperationId? id = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => throw Needs("paxos");

    /// <inheritdoc/>
    public ValueTask<ConsensusResult> RemoveRecordConsensusAsync<TModel>(
        IRecordKey<TModel> key, OperationId? id = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => throw Needs("paxos");

    /// <inheritdoc/>
    public ValueTask<GetResult<TModel>> GetRecordAsync<TModel>(
        IRecordKey<TModel> key, Consistency consistency, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(consistency);
        return consistency is Consistency.Eventual ? GetRecordAsync(key, cancellation) : throw Needs("paxos", "Consistency.Eventually reads without it");
    }

    private static NotSupportedException Needs(string role, string? instead = null) => new(
        $"This needs the {role} role, which this version of Netabase does not have yet{(instead is null ? string.Empty : $"; {instead}")}.");
}
