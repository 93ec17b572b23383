using System.Net.Sockets;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Tcp;

/// <summary>A listening socket.</summary>
internal sealed class TcpListener(Socket socket, Multiaddr address, TimeProvider time) : IRawListener
{
    /// <summary>How long to wait for other connections to end when the process has no socket left for a new one.</summary>
    private static readonly TimeSpan OutOfSocketsPause = TimeSpan.FromMilliseconds(100);

    public Multiaddr Address { get; } = address;

    public async ValueTask<IRawConnection?> AcceptAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new TcpConnection(await socket.AcceptAsync(cancellation).ConfigureAwait(false));
            }
            catch (Exception e) when (e is ObjectDisposedException || (e as SocketException)?.SocketErrorCode is SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException e)
            {
                // One connection that died in the queue must not end the listener; without sockets the queue has to wait.
                if (SocketErrors.Translate(e, "Accepting failed").Error == TransportError.LimitReached)
                    await Task.Delay(OutOfSocketsPause, time, cancellation).ConfigureAwait(false);
            }
            catch (TransportException)
            {
                // Lost between the accept and the look at its addresses.
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return default;
    }
}
