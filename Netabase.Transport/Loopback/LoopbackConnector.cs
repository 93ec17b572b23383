using System.Threading.Channels;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Loopback;

/// <summary>One peer's door to a <see cref="LoopbackWorld"/>: connections arrive secured and with streams.</summary>
internal sealed class LoopbackConnector(LoopbackWorld world, PublicKey identity) : IConnector
{
    internal static readonly ProtocolId Layer = new("/loopback/1.0.0");

    public bool CanDial(Multiaddr address) => address.Has(MultiaddrProtocol.Memory);

    public bool CanListen(Multiaddr address) => address.Has(MultiaddrProtocol.Memory);

    public ValueTask<IConnectionListener> ListenAsync(Multiaddr address, CancellationToken cancellation)
    {
        var listener = new LoopbackListener(world, address.WithoutPeer(), identity);
        return world.TryAdd(listener)
            ? new ValueTask<IConnectionListener>(listener)
            : throw new TransportException(TransportError.AddressUnusable, $"{address} is in use.");
    }

    public async ValueTask<UpgradedConnection> DialAsync(Multiaddr address, PeerId? expected, CancellationToken cancellation)
    {
        if (world.Find(address.WithoutPeer()) is not { } listener)
        {
            throw new TransportException(TransportError.Unreachable, $"Nobody listens on {address}.");
        }

        var ours = LoopbackWorld.AddressOf(identity.PeerId);
        var dialer = new LoopbackConnection(world, identity.PeerId, listener.Identity.PeerId, isDialer: true);
        var acceptor = new LoopbackConnection(world, listener.Identity.PeerId, identity.PeerId, isDialer: false);
        dialer.Join(acceptor);
        var answered = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var inbound = new LoopbackInbound(
            listener.Address, ours, identity, acceptor, taken => acceptor.SendControl(() => answered.TrySetResult(taken)));
        dialer.SendControl(() => listener.Offer(inbound));
        try
        {
            if (!await answered.Task.WaitAsync(cancellation).ConfigureAwait(false))
            {
                throw new TransportException(TransportError.ConnectionClosed, $"{address} did not take the connection.");
            }

            return expected is null || expected == listener.Identity.PeerId
                ? new UpgradedConnection(
                    dialer, ConnectionRole.Dialer, listener.Identity, listener.Identity.PeerId, Layer, Layer, ours, listener.Address)
                : throw new TransportException(TransportError.IdentityMismatch, $"{address} is {listener.Identity.PeerId}, not {expected}.");
        }
        catch
        {
            dialer.Abort(new TransportException(TransportError.ConnectionClosed, "The dial was given up."));
            throw;
        }
    }
}

/// <summary>A peer's ear in the world.</summary>
internal sealed class LoopbackListener(LoopbackWorld world, Multiaddr address, PublicKey identity) : IConnectionListener
{
    private const int Backlog = 128;
    private readonly Channel<LoopbackInbound> _waiting = Channel.CreateBounded<LoopbackInbound>(Backlog);

    public Multiaddr Address { get; } = address;

    public PublicKey Identity { get; } = identity;

    /// <summary>Queues a connection to be accepted, or refuses it at once.</summary>
    public void Offer(LoopbackInbound inbound)
    {
        if (!_waiting.Writer.TryWrite(inbound))
        {
            inbound.Refuse();
        }
    }

    public async ValueTask<IInboundConnection?> AcceptAsync(CancellationToken cancellation)
    {
        while (await _waiting.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            if (_waiting.Reader.TryRead(out var inbound))
            {
                return inbound;
            }
        }

        return null;
    }

    public ValueTask DisposeAsync()
    {
        world.Remove(this);
        _waiting.Writer.TryComplete();
        while (_waiting.Reader.TryRead(out var inbound))
        {
            inbound.Refuse();
        }

        return default;
    }
}

/// <summary>A connection that waits to be accepted.</summary>
internal sealed class LoopbackInbound(
    Multiaddr local, Multiaddr remote, PublicKey dialer, LoopbackConnection connection, Action<bool> answer) : IInboundConnection
{
    private int _used;

    public Multiaddr LocalAddress { get; } = local;

    public Multiaddr RemoteAddress { get; } = remote;

    public ValueTask<UpgradedConnection> UpgradeAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _used, 1) != 0)
        {
            throw new InvalidOperationException("The connection has been upgraded or given up.");
        }

        answer(true);
        return new ValueTask<UpgradedConnection>(new UpgradedConnection(
            connection, ConnectionRole.Listener, dialer, dialer.PeerId, LoopbackConnector.Layer, LoopbackConnector.Layer, LocalAddress, RemoteAddress));
    }

    public ValueTask DisposeAsync()
    {
        Refuse();
        return default;
    }

    public void Refuse()
    {
        if (Interlocked.Exchange(ref _used, 1) == 0)
        {
            answer(false);
            connection.Abort(new TransportException(TransportError.ConnectionClosed, "The connection was refused."));
        }
    }
}
