using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Upgrade;

/// <summary>A transport of raw bytes and the upgrade that follows, as one connector.</summary>
public sealed class UpgradedTransport(ITransport transport, Upgrader upgrader) : IConnector
{
    /// <inheritdoc/>
    public bool CanDial(Multiaddr address) => transport.CanDial(address);

    /// <inheritdoc/>
    public bool CanListen(Multiaddr address) => transport.CanListen(address);

    /// <inheritdoc/>
    public async ValueTask<UpgradedConnection> DialAsync(Multiaddr address, PeerId? expected, CancellationToken cancellation)
    {
        var raw = await transport.DialAsync(address, cancellation).ConfigureAwait(false);
        if (!upgrader.MayHaveToRetry) return await upgrader.UpgradeAsync(raw, ConnectionRole.Dialer, expected, cancellation).ConfigureAwait(false);
        try
        {
            return await upgrader.UpgradeAsync(raw, ConnectionRole.Dialer, expected, optimistic: true, cancellation).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Error == TransportError.ProtocolNotSupported)
        {
            // It refused the one we bet on, and what rode behind is lost on it: ask again, one by one.
            raw = await transport.DialAsync(address, cancellation).ConfigureAwait(false);
            return await upgrader.UpgradeAsync(raw, ConnectionRole.Dialer, expected, optimistic: false, cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> ListenAsync(Multiaddr address, CancellationToken cancellation) =>
        new Listener(await transport.ListenAsync(address, cancellation).ConfigureAwait(false), upgrader);

    private sealed class Listener(IRawListener inner, Upgrader upgrader) : IConnectionListener
    {
        public Multiaddr Address => inner.Address;

        public async ValueTask<IInboundConnection?> AcceptAsync(CancellationToken cancellation) =>
            await inner.AcceptAsync(cancellation).ConfigureAwait(false) is { } raw ? new Inbound(raw, upgrader) : null;

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Inbound(IRawConnection raw, Upgrader upgrader) : IInboundConnection
    {
        private int _used;

        public Multiaddr LocalAddress => raw.LocalAddress;

        public Multiaddr RemoteAddress => raw.RemoteAddress;

        public ValueTask<UpgradedConnection> UpgradeAsync(CancellationToken cancellation)
        {
            if (Interlocked.Exchange(ref _used, 1) != 0) throw new InvalidOperationException("The connection has been upgraded or given up.");
            return upgrader.UpgradeAsync(raw, ConnectionRole.Listener, expected: null, cancellation);
        }

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _used, 1) != 0) return default;
            raw.Abort();
            return raw.DisposeAsync();
        }
    }
}
