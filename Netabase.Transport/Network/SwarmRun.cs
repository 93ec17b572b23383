using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Identify;

namespace Netabase.Transport.Network;

/// <summary>Everything that lives from one start to the next stop.</summary>
internal sealed class SwarmRun : IDiscoverySink, IDisposable
{
    private readonly SwarmContext _context;
    private readonly TaskScope _serving;
    private readonly ConnectionGate _gate;
    private readonly Listeners _listeners;
    private readonly DialQueue _dials;
    private readonly ConnectionUpkeep _upkeep;
    private readonly DiscoveredPeers _discovered;

    public SwarmRun(SwarmContext context, IReadOnlyList<IConnector> connectors)
    {
        _context = context;
        Work = new TaskScope(context.Unexpected);
        _serving = new TaskScope(context.Unexpected);
        _gate = new ConnectionGate(context.Options.Limits, context.Options.Access);
        Table = new ConnectionTable(context);
        _listeners = new Listeners(context, connectors, _gate, this);
        _dials = new DialQueue(context, connectors, _gate, this);
        _upkeep = new ConnectionUpkeep(context, Table, this);
        _discovered = new DiscoveredPeers(context);
        Identify = new IdentifyService(context, this);
    }

    /// <summary>Dials, listeners, upkeep, discovery: what stops first.</summary>
    public TaskScope Work { get; }

    public ConnectionTable Table { get; }

    public IdentifyService Identify { get; }

    public ImmutableArray<Multiaddr> ListenAddresses => _listeners.Addresses;

    public PeerId LocalPeer => _context.LocalPeer;

    /// <summary>What peers are told: as configured, or the bound addresses with "every interface" spelt out, and the confirmed ones.</summary>
    public ImmutableArray<Multiaddr> AnnouncedAddresses
    {
        get
        {
            var configured = _context.Options.AnnounceAddresses;
            return configured.Count > 0
                ? [.. configured]
                : [.. LocalInterfaces.Expand(ListenAddresses).Concat(Identify.External.Confirmed).Distinct()];
        }
    }

    internal ConnectionGate Gate => _gate;

    internal int DialsQueued => _dials.Queued;

    public async Task StartAsync(CancellationToken cancellation)
    {
        foreach (var address in _context.Options.ListenAddresses)
        {
            await _listeners.ListenAsync(address, cancellation).ConfigureAwait(false);
        }

        Work.TryRun(_upkeep.Begin());
        Work.TryRun(Identify.PushChangesAsync);
        foreach (var discovery in _context.Options.Discoveries)
        {
            Work.TryRun(stopping => DiscoverAsync(discovery, stopping));
        }
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        await Work.CancelAsync().ConfigureAwait(false);
        await _listeners.CloseAllAsync().ConfigureAwait(false);
        await Work.StopAsync().ConfigureAwait(false);

        // Nothing can add a connection any more: what is in the table now is all there will be.
        await Task.WhenAll(Table.All.Select(connection => connection.CloseAsync(CloseCause.Local, cancellation))).ConfigureAwait(false);
        await _serving.StopAsync().ConfigureAwait(false);
        _discovered.Clear();
    }

    public void Dispose() => _dials.Dispose();

    public async Task<Multiaddr> ListenAsync(Multiaddr address, CancellationToken cancellation)
    {
        var bound = await _listeners.ListenAsync(address, cancellation).ConfigureAwait(false);
        AddressesChanged();
        return bound;
    }

    public Task<bool> StopListeningAsync(Multiaddr address) => _listeners.CloseAsync(address);

    public async Task<SwarmConnection> ConnectAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, CancellationToken cancellation) =>
        Table.Best(peer) ?? await _dials.DialAsync(peer, addresses, cancellation).ConfigureAwait(false);

    public async Task<SwarmConnection> ConnectAsync(Multiaddr address, CancellationToken cancellation) =>
        address.Peer is { } peer
            ? await ConnectAsync(peer, [address], cancellation).ConfigureAwait(false)
            : await _dials.DialAsync(address, cancellation).ConfigureAwait(false);

    /// <summary>Takes a finished connection into the table, or closes it and says why not.</summary>
    public async Task<SwarmConnection> AdoptAsync(UpgradedConnection upgraded, ConnectionTicket ticket)
    {
        var refusal = upgraded.RemotePeer == LocalPeer
            ? new DialException(TransportError.AddressUnusable, "That address leads to ourselves.")
            : !_context.Options.Access.Admits(upgraded.RemoteAddress)
                ? new DialException(TransportError.Denied, $"The access rules do not admit {upgraded.RemoteAddress}, where that name led.")
            : ticket.Bind(upgraded.RemotePeer) is { } error
                ? new DialException(error, $"A limit or a rule of ours does not admit {upgraded.RemotePeer}.")
                : null;
        if (refusal is null)
        {
            var connection = new SwarmConnection(_context, upgraded, ticket);
            Table.Add(connection);
            if (_serving.TryRun(_ => connection.RunAsync(end => Table.Remove(connection, end))))
            {
                connection.TryRun(stopping => Identify.RunAsync(connection, stopping));
                _dials.Connected(connection);
                _upkeep.Added();
                return connection;
            }

            Table.Remove(connection, new ConnectionEnd(null));
            refusal = new DialException(TransportError.Stopped, "The network was stopped.");
        }

        await upgraded.Muxed.DisposeAsync().ConfigureAwait(false);
        throw refusal;
    }

    /// <summary>Our addresses are others than before: peers are told.</summary>
    public void AddressesChanged() => Identify.Changed();

    /// <summary>Closes a connection beside whatever the caller does.</summary>
    public void CloseSoon(SwarmConnection connection, CloseCause cause) =>
        Work.TryRun(stopping => connection.CloseAsync(cause, stopping));

    public void Found(PeerId peer, IReadOnlyList<Multiaddr> addresses, TimeSpan timeToLive, AddressSource source)
    {
        if (peer == LocalPeer || !_context.Options.Access.Admits(peer))
        {
            return;
        }

        _discovered.Found(peer, addresses, timeToLive, source);
        if (_context.Options.DialDiscovered && Table.Best(peer) is null && !_dials.IsBusyWith(peer))
        {
            Work.TryRun(stopping => DialDiscoveredAsync(peer, stopping));
        }
    }

    public void Lost(PeerId peer) => _discovered.Lost(peer);

    public void ExpireDiscovered() => _discovered.Expire();

    private async Task DialDiscoveredAsync(PeerId peer, CancellationToken stopping)
    {
        try
        {
            await ConnectAsync(peer, [], stopping).ConfigureAwait(false);
        }
        catch (DialException)
        {
            // Told as an event and in the log by the dial itself; the next announcement tries again, after the back-off.
        }
    }

    private async Task DiscoverAsync(IPeerDiscovery discovery, CancellationToken stopping)
    {
        try
        {
            await discovery.RunAsync(this, stopping).ConfigureAwait(false);
        }
        catch (TransportException failure)
        {
            NetworkLog.DiscoveryFailed(_context.Log, discovery.Name, failure.Message);
        }
    }
}
