using System.Collections.Immutable;
using Netabase.Actors.Kademlia;
using Netabase.Actors.Swarm;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Transport;
using Netabase.Transport.Network;
using Netabase.Transport.Ping;

namespace Netabase.Actors.Node;

/// <content>The node among other nodes.</content>
public sealed partial class NetabaseNode
{
    private const string WithoutNetwork = "This node has no network: netabase.network.enabled is off.";

    // A role that is alive keeps a command's time itself, and answers with what it has; this is for one that is away.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private PeerId? _localPeer;

    /// <inheritdoc/>
    public PeerId? LocalPeer => _localPeer;

    /// <summary>Whether the node runs and may join a network.</summary>
    public bool HasNetwork => _run?.Parts.Network is not null;

    /// <summary>Whether the node has joined the network.</summary>
    public bool IsSwarmRunning => _run?.Parts.Network is { IsUp: true };

    /// <inheritdoc/>
    public async ValueTask StartSwarmAsync(CancellationToken cancellation = default)
    {
        switch (await SwarmAsync(new SwarmCommand.Start(), cancellation).ConfigureAwait(false))
        {
            case NetworkAnswer.RunsAlready:
                throw new InvalidOperationException("The swarm runs already.");
            case NetworkAnswer.Failed failed:
                throw new NetabaseException(RefusalReason.NoNetwork, $"The swarm cannot start: {failed.Detail}", failed.Cause);
            case var answer:
                ThrowUnlessDone(answer);
                break;
        }
    }

    /// <inheritdoc/>
    public async ValueTask StopSwarmAsync(CancellationToken cancellation = default)
    {
        // A node that does not run, or has no network, has nothing to leave.
        if (_run?.Parts.Network is { } network)
        {
            var answer = await CommandAsync(network.SwarmLane, new SwarmCommand.Stop(), 2 * _setup.Settings.StopTimeout, cancellation).ConfigureAwait(false);
            if (answer is not NetworkAnswer.Refused)
            {
                ThrowUnlessDone(answer);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<BootstrapResult> BootstrapAsync(CancellationToken cancellation = default)
    {
        using var span = NodeSpans.Activities.StartActivity("bootstrap");
        return span.Ended<BootstrapResult>(await QueryAsync(new KademliaCommand.Bootstrap(), cancellation).ConfigureAwait(false) switch
        {
            NetworkAnswer.Bootstrapped { HadPeers: false } => new BootstrapResult.NoPeers(),
            NetworkAnswer.Bootstrapped { InTime: true } done => new BootstrapResult.Done(done.Peers),
            NetworkAnswer.Bootstrapped late => new BootstrapResult.TimedOut(late.Peers),
            NetworkAnswer.TimedOut => new BootstrapResult.TimedOut(Network().Routes.Count),
            var answer => throw Unanswered(answer),
        });
    }

    /// <inheritdoc/>
    public ValueTask AddAddressAsync(PeerId peer, Multiaddr address, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var network = Network();
        RefuseOther(peer, address);
        var bare = address.WithoutPeer();
        network.Remember(peer, bare);
        network.Routes.Offer(KademliaPeer.Of(peer, [bare]));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAddressAsync(PeerId peer, Multiaddr address, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var network = Network();
        RefuseOther(peer, address);
        network.Forget(peer, address.WithoutPeer());
        return new(network.Routes.RemoveAddress(peer, address.WithoutPeer()));
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemovePeerAsync(PeerId peer, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(Network().Routes.Remove(peer));
    }

    /// <inheritdoc/>
    public ValueTask<NetworkMode> GetModeAsync(CancellationToken cancellation = default) => new(Network().Mode);

    /// <inheritdoc/>
    public async ValueTask SetModeAsync(NetworkMode mode, CancellationToken cancellation = default)
    {
        if (!Enum.IsDefined(mode))
        {
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "There are three modes.");
        }

        ThrowUnlessDone(await SwarmAsync(new SwarmCommand.SetMode(mode), cancellation).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<string>> GetProtocolNamesAsync(CancellationToken cancellation = default) =>
        new(Network().Peers is { } peers ? ImmutableArray.CreateRange(peers.Protocols, protocol => protocol.Name) : []);

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<Multiaddr>> GetListenAddressesAsync(CancellationToken cancellation = default)
    {
        var network = Network();
        return new(network is { IsUp: true, Peers: { } peers }
            ? ImmutableArray.CreateRange(peers.AnnouncedAddresses, address => address.WithPeer(network.LocalPeer))
            : []);
    }

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<ConnectedPeer>> GetPeersAsync(CancellationToken cancellation = default)
    {
        if (Network().Peers is not { } peers)
        {
            return new(ImmutableArray<ConnectedPeer>.Empty);
        }

        var now = _setup.Time.GetUtcNow();
        return new([.. peers.Connections.GroupBy(connection => connection.Info.Peer).Select(connections =>
        {
            var oldest = connections.MinBy(connection => connection.Info.OpenedAt)!.Info;
            var agent = peers.Peers.Find(connections.Key)?.AgentVersion;
            return new ConnectedPeer(
                connections.Key,
                [.. connections.Select(connection => connection.Info.RemoteAddress)],
                string.IsNullOrEmpty(agent) ? null : agent,
                oldest.Direction == Direction.Outbound,
                now - oldest.OpenedAt);
        }).OrderByDescending(peer => peer.ConnectedFor)]);
    }

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<RoutingPeer>> GetRoutesAsync(CancellationToken cancellation = default) => new(Network().Routes.List());

    /// <inheritdoc/>
    public async ValueTask<PingResult> PingAsync(Multiaddr address, CancellationToken cancellation = default)
    {
        var network = Network();
        if (network is not { IsUp: true, Peers: { } peers })
        {
            return new PingResult.Failed("The swarm is not started; StartSwarmAsync joins the network.");
        }

        try
        {
            using var deadline = new CancellationTokenSource(_setup.Settings.Kademlia.RequestTimeout, _setup.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
            var connection = await peers.ConnectAsync(address, either.Token).ConfigureAwait(false);
            var trip = await new PingService(peers, _setup.Time).PingAsync(connection.Peer, either.Token).ConfigureAwait(false);
            return new PingResult.Answered(connection.Peer, trip);
        }
        catch (TransportException failure)
        {
            return new PingResult.Failed(failure.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new PingResult.Failed($"No answer within {_setup.Settings.Kademlia.RequestTimeout.TotalSeconds:0.#} s.");
        }
    }

    /// <summary>The network of the run.</summary>
    /// <exception cref="NetabaseException">The node does not run, or has none.</exception>
    private NodeNetwork Network() => Running().Network ?? throw new NetabaseException(RefusalReason.NoNetwork, WithoutNetwork);

    private ValueTask<NetworkAnswer> SwarmAsync(SwarmCommand command, CancellationToken cancellation) =>
        CommandAsync(Network().SwarmLane, command, 2 * _setup.Settings.StopTimeout, cancellation);

    private ValueTask<NetworkAnswer> QueryAsync(KademliaCommand command, CancellationToken cancellation) =>
        CommandAsync(Network().QueryLane, command, _setup.Settings.Kademlia.QueryTimeout, cancellation);

    private async ValueTask<NetworkAnswer> CommandAsync(
        CommandLane lane, NetworkCommand command, TimeSpan timeout, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var pending = new PendingCommand(OpId.Next(), command, Running().DeadlineAfter(timeout + Grace));
        lane.Post(pending);
        if (!cancellation.CanBeCanceled)
        {
            return await pending.Task.ConfigureAwait(false);
        }

        using var registration = cancellation.UnsafeRegister(
            static (state, token) => ((PendingCommand)state!).TrySetCanceled(token), pending);
        return await pending.Task.ConfigureAwait(false);
    }

    private static void ThrowUnlessDone(NetworkAnswer answer)
    {
        if (answer is not NetworkAnswer.Done)
        {
            throw Unanswered(answer);
        }
    }

    private static NetabaseException Unanswered(NetworkAnswer answer) => answer switch
    {
        NetworkAnswer.Refused refused => new NetabaseException(refused.Reason, refused.Detail),
        NetworkAnswer.Failed failed => new NetabaseException(RefusalReason.NoNetwork, failed.Detail, failed.Cause),
        NetworkAnswer.Busy => new NetabaseException(RefusalReason.StoreBusy, "Too much waits for the network already; try again later."),
        _ => new NetabaseException(RefusalReason.NotRunning, "The network's role did not answer in time; it may be starting again."),
    };

    private static void RefuseOther(PeerId peer, Multiaddr address)
    {
        if (address.Peer is { } named && named != peer)
        {
            throw new ArgumentException($"The address {address} is another peer's than {peer}.", nameof(address));
        }
    }
}
