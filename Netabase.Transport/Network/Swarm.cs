using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Perf;
using Netabase.Transport.Ping;

namespace Netabase.Transport.Network;

/// <summary>Our libp2p node: an <see cref="IPeerNetwork"/> over whatever transports, securities and muxers its options name.</summary>
public sealed class Swarm : IPeerNetwork
{
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private readonly SwarmContext _context;
    private readonly IReadOnlyList<IConnector> _connectors;
    private volatile SwarmRun? _run;

    private Swarm(PeerNetworkOptions options, IReadOnlyList<IConnector> connectors)
    {
        Peers = new PeerStore(options.Time, options.PeerStore);
        _context = new SwarmContext(options, Peers);
        _connectors = connectors;
    }

    /// <inheritdoc/>
    public PeerId LocalPeer => _context.LocalPeer;

    /// <inheritdoc/>
    public bool IsRunning => _run is not null;

    /// <inheritdoc/>
    public PeerStore Peers { get; }

    /// <inheritdoc/>
    public ImmutableArray<Multiaddr> ListenAddresses => _run?.ListenAddresses ?? [];

    /// <inheritdoc/>
    public ImmutableArray<Multiaddr> AnnouncedAddresses => _run?.AnnouncedAddresses ?? [];

    /// <inheritdoc/>
    public ImmutableArray<Multiaddr> ExternalAddresses => _run?.Identify.External.Confirmed ?? [];

    /// <inheritdoc/>
    public ImmutableArray<ProtocolId> Protocols => _context.Handlers.Protocols;

    /// <inheritdoc/>
    public ImmutableArray<ConnectionStatus> Connections =>
        _run is { } run ? [.. run.Table.All.Select(connection => connection.Status)] : [];

    /// <summary>For specs: what the limits count now.</summary>
    internal ConnectionGate? Gate => _run?.Gate;

    /// <summary>Puts a node together; nothing is bound or dialed before <see cref="StartAsync"/>.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public static Swarm Create(PeerNetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var swarm = new Swarm(options, SwarmAssembly.Connectors(options));
        Identify.IdentifyService.Register(swarm._context, () => swarm._run);
        if (options.AnswerPing)
        {
            PingService.Answer(swarm);
        }

        if (options.AnswerPerf)
        {
            PerfService.Answer(swarm);
        }

        return swarm;
    }

    /// <inheritdoc/>
    public async ValueTask StartAsync(CancellationToken cancellation = default)
    {
        await _lifecycle.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_run is not null)
            {
                throw new InvalidOperationException("The network runs already.");
            }

            var run = new SwarmRun(_context, _connectors);
            try
            {
                await run.StartAsync(cancellation).ConfigureAwait(false);
            }
            catch
            {
                await run.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
                run.Dispose();
                throw;
            }

            _run = run;
            _context.Events.Publish(new NetworkEvent.Started());
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask StopAsync(CancellationToken cancellation = default)
    {
        await _lifecycle.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_run is not { } run)
            {
                return;
            }

            _run = null;
            await run.StopAsync(cancellation).ConfigureAwait(false);
            run.Dispose();
            _context.Events.Publish(new NetworkEvent.Stopped());
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Multiaddr> ListenAsync(Multiaddr address, CancellationToken cancellation = default) =>
        await Running().ListenAsync(address, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<bool> StopListeningAsync(Multiaddr address) =>
        await Running().StopListeningAsync(address).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<ConnectionInfo> ConnectAsync(
        PeerId peer, IReadOnlyList<Multiaddr> addresses, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        return (await Running().ConnectAsync(peer, addresses, cancellation).ConfigureAwait(false)).Info;
    }

    /// <inheritdoc/>
    public async ValueTask<ConnectionInfo> ConnectAsync(Multiaddr address, CancellationToken cancellation = default) =>
        (await Running().ConnectAsync(address, cancellation).ConfigureAwait(false)).Info;

    /// <inheritdoc/>
    public async ValueTask<bool> DisconnectAsync(PeerId peer, CancellationToken cancellation = default)
    {
        var open = Running().Table.Of(peer);
        await Task.WhenAll(open.Select(connection => connection.CloseAsync(CloseCause.Local, cancellation))).ConfigureAwait(false);
        return !open.IsEmpty;
    }

    /// <inheritdoc/>
    public async ValueTask<IPeerStream> OpenStreamAsync(
        PeerId peer, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(protocols);
        ArgumentOutOfRangeException.ThrowIfZero(protocols.Count, nameof(protocols));
        var run = Running();
        var connection = await run.ConnectAsync(peer, [], cancellation).ConfigureAwait(false);
        try
        {
            return await connection.OpenStreamAsync(protocols, cancellation).ConfigureAwait(false);
        }
        catch (TransportException failure) when (failure.Error == TransportError.ConnectionClosed)
        {
            // It ended between our choice and its use, as a superseded connection may: one more try, on what is there now.
            connection = await run.ConnectAsync(peer, [], cancellation).ConfigureAwait(false);
            return await connection.OpenStreamAsync(protocols, cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Handle(ProtocolId protocol, StreamHandler handler, StreamLimits? limits = null) =>
        ProtocolsChanged(_context.Handlers.Add(protocol, handler, limits ?? StreamLimits.Default));

    /// <inheritdoc/>
    public bool Unhandle(ProtocolId protocol)
    {
        if (_context.Handlers.Remove(protocol) is not { } left)
        {
            return false;
        }

        ProtocolsChanged(left);
        return true;
    }

    /// <inheritdoc/>
    public void Protect(PeerId peer, string tag) => _context.Protections.Add(peer, tag);

    /// <inheritdoc/>
    public bool Unprotect(PeerId peer, string tag) => _context.Protections.Remove(peer, tag);

    /// <inheritdoc/>
    public NetworkSubscription Subscribe(int capacity = 1024) => _context.Events.Subscribe(capacity);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _lifecycle.Dispose();
    }

    private SwarmRun Running() => _run ?? throw new DialException(TransportError.Stopped, "The network is not running.");

    private void ProtocolsChanged(ImmutableArray<ProtocolId> protocols)
    {
        _context.Events.Publish(new NetworkEvent.LocalProtocolsChanged(protocols));
        _run?.Identify.Changed();
    }
}
