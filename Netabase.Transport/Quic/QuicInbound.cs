using System.Net.Quic;
using System.Runtime.Versioning;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Quic;

/// <summary>A QUIC listener. The platform hands over connections whose handshake is done.</summary>
[SupportedOSPlatform("linux"), SupportedOSPlatform("windows"), SupportedOSPlatform("macos")]
internal sealed class QuicInbound(QuicListener listener, QuicConnector connector) : IConnectionListener
{
    public Multiaddr Address { get; } = QuicAddress.Of(listener.LocalEndPoint);

    public async ValueTask<IInboundConnection?> AcceptAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new Inbound(await listener.AcceptConnectionAsync(cancellation).ConfigureAwait(false), connector);
            }
            catch (Exception e) when (e is ObjectDisposedException or QuicException { QuicError: QuicError.OperationAborted })
            {
                return null;
            }
            catch (Exception e) when (QuicErrors.IsOfQuic(e))
            {
                // One handshake that failed must not end the listener.
            }
        }
    }

    public ValueTask DisposeAsync() => listener.DisposeAsync();

    private sealed class Inbound(QuicConnection connection, QuicConnector connector) : IInboundConnection
    {
        private int _used;

        public Multiaddr LocalAddress => QuicAddress.Of(connection.LocalEndPoint);

        public Multiaddr RemoteAddress => QuicAddress.Of(connection.RemoteEndPoint);

        public async ValueTask<UpgradedConnection> UpgradeAsync(CancellationToken cancellation)
        {
            if (Interlocked.Exchange(ref _used, 1) != 0) throw new InvalidOperationException("The connection has been upgraded or given up.");
            try
            {
                return connector.Accepted(connection);
            }
            catch
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        public ValueTask DisposeAsync() => Interlocked.Exchange(ref _used, 1) != 0 ? default : connection.DisposeAsync();
    }
}
