using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Tcp;

/// <summary>One TCP connection. A receive or send that has to wait allocates nothing.</summary>
internal sealed class TcpConnection : IRawConnection, ILendsThreads
{
    private readonly Socket _socket;
    private readonly ReceiveOperation _receive;
    private int _closed;

    public TcpConnection(Socket socket)
    {
        _socket = socket;
        _receive = new ReceiveOperation(socket);
        try
        {
            socket.NoDelay = true;
            LocalAddress = TcpAddress.Of(socket.LocalEndPoint);
            RemoteAddress = TcpAddress.Of(socket.RemoteEndPoint);
        }
        catch (Exception e) when (SocketErrors.IsOfNetwork(e))
        {
            socket.Dispose();
            _receive.Dispose();
            throw SocketErrors.Translate(e, "The connection was lost while it was set up");
        }
    }

    public Multiaddr LocalAddress { get; }

    public Multiaddr RemoteAddress { get; }

    public Action? AfterReceive
    {
        set => _receive.AfterReceive = value;
    }

    public bool IsLending => _receive.IsCompleting;

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        // A handshake has a deadline; the loop that follows it ends with its socket.
        if (cancellation.CanBeCanceled) return ReceiveUntilAsync(buffer, cancellation);
        try
        {
            return _receive.ReceiveAsync(buffer);
        }
        catch (Exception e) when (SocketErrors.IsOfNetwork(e))
        {
            return ValueTask.FromException<int>(SocketErrors.Translate(e, "Receiving failed"));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveUntilAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (SocketErrors.IsOfNetwork(e))
        {
            cancellation.ThrowIfCancellationRequested();
            throw SocketErrors.Translate(e, "Receiving failed");
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            while (!bytes.IsEmpty)
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellation).ConfigureAwait(false)..];
        }
        catch (Exception e) when (SocketErrors.IsOfNetwork(e))
        {
            cancellation.ThrowIfCancellationRequested();
            throw SocketErrors.Translate(e, "Sending failed");
        }
    }

    public void Abort()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        try
        {
            // No linger: the peer hears of it at once, and what was queued is not sent any more.
            _socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (SocketErrors.IsOfNetwork(e))
        {
            // It is closed already, which is what was asked for.
        }

        _socket.Dispose();
        _receive.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return default;
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (SocketErrors.IsOfNetwork(e))
        {
            // The peer was quicker.
        }

        _socket.Dispose();
        _receive.Dispose();
        return default;
    }
}
