using System.Globalization;
using System.Threading.Channels;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Memory;

/// <summary>The names that transports of one process meet under; two networks know nothing of each other.</summary>
public sealed class MemoryNetwork
{
    private readonly Dictionary<string, MemoryListener> _listeners = [];
    private readonly Lock _gate = new();
    private long _next;

    /// <summary>The one that transports share unless given another.</summary>
    public static MemoryNetwork Shared { get; } = new();

    /// <summary>A name that nothing else of this network was given.</summary>
    internal string NextName() => Interlocked.Increment(ref _next).ToString(CultureInfo.InvariantCulture);

    internal MemoryListener Bind(string name, int backlog)
    {
        lock (_gate)
        {
            if (name == "0")
            {
                do
                    name = NextName();
                while (_listeners.ContainsKey(name));
            }

            var listener = new MemoryListener(this, name, backlog);
            if (!_listeners.TryAdd(name, listener))
                throw new TransportException(TransportError.AddressUnusable, $"/memory/{name} is in use");
            return listener;
        }
    }

    internal MemoryListener? Find(string name)
    {
        lock (_gate)
            return _listeners.GetValueOrDefault(name);
    }

    internal void Unbind(string name)
    {
        lock (_gate)
            _listeners.Remove(name);
    }
}

/// <summary>
/// Connections between nodes of one process, under addresses <c>/memory/name</c>: no sockets, no ports, the same seam. The name
/// 0 asks for a free number.
/// </summary>
/// <param name="network">Where names are bound; null for <see cref="MemoryNetwork.Shared"/>.</param>
/// <param name="capacity">Bytes that may be on their way in one direction before a sender waits.</param>
/// <param name="backlog">Connections that may wait to be accepted; a further dial is refused.</param>
public sealed class MemoryTransport(
    MemoryNetwork? network = null,
    int capacity = MemoryConnection.DefaultCapacity,
    int backlog = MemoryTransport.DefaultBacklog) : ITransport
{
    /// <summary>Connections that may wait to be accepted, unless told otherwise.</summary>
    public const int DefaultBacklog = 128;

    private readonly MemoryNetwork _network = network ?? MemoryNetwork.Shared;

    /// <inheritdoc/>
    public bool CanDial(Multiaddr address) => NameOf(address) is { } name && name != "0";

    /// <inheritdoc/>
    public bool CanListen(Multiaddr address) => NameOf(address) is not null;

    /// <inheritdoc/>
    public ValueTask<IRawConnection> DialAsync(Multiaddr address, CancellationToken cancellation)
    {
        if (!CanDial(address))
            throw new TransportException(TransportError.AddressUnusable, $"{address} is no memory address to dial");
        cancellation.ThrowIfCancellationRequested();
        var (ours, theirs) = MemoryConnection.CreatePair(capacity, Multiaddr.Memory(_network.NextName()), address);
        if (_network.Find(NameOf(address)!) is not { } listener || !listener.TryOffer(theirs))
            throw new TransportException(TransportError.Unreachable, $"nobody accepts at {address}");
        return new ValueTask<IRawConnection>(ours);
    }

    /// <inheritdoc/>
    public ValueTask<IRawListener> ListenAsync(Multiaddr address, CancellationToken cancellation)
    {
        if (NameOf(address) is not { } name)
            throw new TransportException(TransportError.AddressUnusable, $"{address} is no memory address to listen on");
        cancellation.ThrowIfCancellationRequested();
        return new ValueTask<IRawListener>(_network.Bind(name, backlog));
    }

    private static string? NameOf(Multiaddr address)
    {
        string? name = null;
        foreach (var component in address.Components)
        {
            if (name is not null || component.Protocol != MultiaddrProtocol.Memory)
                return null;
            name = component.Text;
        }

        return name;
    }
}

/// <summary>A bound name.</summary>
internal sealed class MemoryListener(MemoryNetwork network, string name, int backlog) : IRawListener
{
    private readonly Channel<MemoryConnection> _waiting = Channel.CreateBounded<MemoryConnection>(backlog);

    /// <inheritdoc/>
    public Multiaddr Address { get; } = Multiaddr.Memory(name);

    /// <inheritdoc/>
    public async ValueTask<IRawConnection?> AcceptAsync(CancellationToken cancellation)
    {
        while (await _waiting.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            if (_waiting.Reader.TryRead(out var connection))
                return connection;
        }

        return null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_waiting.Writer.TryComplete())
            return;
        network.Unbind(name);
        while (_waiting.Reader.TryRead(out var connection))
            await connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Puts a dialed connection before whoever accepts; false when the backlog is full or the listener is closed.</summary>
    internal bool TryOffer(MemoryConnection connection) => _waiting.Writer.TryWrite(connection);
}
