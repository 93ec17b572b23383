using System.Collections.Immutable;
using Akka.Actor;
using Netabase.Actors.Events;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <summary>
/// The face over one node's actors. Made without touching the disk; <see cref="StartAsync"/> opens the store and starts the
/// actors in a system of the host's, <see cref="StopAsync"/> drains and closes, and both may follow each other again.
/// Subscriptions belong to the node and outlive its runs.
/// </summary>
public sealed partial class NetabaseNode : INetabase
{
    private readonly NodeSetup _setup;
    private readonly ModelCatalog _catalog;
    private readonly Broadcast _broadcast = new();
    private readonly NodeIdentity _identity = new();
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private volatile NodeRun? _run;
    private bool _isDisposed;

    /// <summary>A node that is not running yet.</summary>
    /// <exception cref="ArgumentException">The definitions do not go together.</exception>
    public NetabaseNode(NodeSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        _setup = setup;
        _catalog = new ModelCatalog(setup.Definitions);
    }

    /// <inheritdoc/>
    public ImmutableArray<DefinitionDescriptor> Definitions => _catalog.Definitions;

    /// <summary>The node's name within the process.</summary>
    public string Name => _setup.Settings.Name;

    /// <summary>Whether the node is running.</summary>
    public bool IsRunning => _run is { IsStopping: false };

    /// <summary>Whether anybody is subscribed to the node's events.</summary>
    public bool HasAudience => _broadcast.HasAudience;

    /// <summary>The folder that holds its data, or null for a store that keeps none.</summary>
    public string? DataPath => !_setup.Backend.IsPersistent ? null
        : _setup.Settings.DataPath.Length > 0 ? _setup.Settings.DataPath
        : DataFolder.DefaultPath(_setup.Settings.Name);

    /// <summary>Opens the data folder and the store, and starts the actors below <c>/user/{name}</c>.</summary>
    /// <exception cref="InvalidOperationException">It runs already, or another node of that name runs in the system.</exception>
    /// <exception cref="StoreException">The data folder is held by another process, or cannot be used.</exception>
    public async Task StartAsync(ActorSystem system, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        await _lifecycle.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_run is not null)
            {
                throw new InvalidOperationException($"The node {_setup.Settings.Name} runs already.");
            }

            _run = await NodeRun.StartAsync(_setup, _catalog, _broadcast, _identity, DataPath, system, cancellation).ConfigureAwait(false);
            _localPeer = _run.Parts.Network?.LocalPeer;
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <summary>
    /// Refuses new writes, waits for those accepted until the configured time is over, and closes the store. Idempotent.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        await _lifecycle.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_run is { } run)
            {
                await run.StopAsync(cancellation).ConfigureAwait(false);
                _run = null;
            }
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <summary>Stops the node and ends every subscription. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _isDisposed = true;
        _broadcast.End();
        _identity.Dispose();
    }

    /// <inheritdoc/>
    public IBroadcastSubscription SubscribeToBroadcasts(int? capacity = null)
    {
        var events = capacity ?? _setup.Settings.Events.SubscriberCapacity;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(events, nameof(capacity));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(events, 1 << 20, nameof(capacity));
        return _broadcast.Subscribe(events);
    }

    /// <summary>The run whose store may be read now.</summary>
    /// <exception cref="NetabaseException">There is none.</exception>
    private NodeParts Running() => _run?.Parts ?? throw new NetabaseException(RefusalReason.NotRunning, NotRunning);

    private const string NotRunning = "The node is not running; start its host first.";
}
