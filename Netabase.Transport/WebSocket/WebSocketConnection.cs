using System.Net.WebSockets;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Tcp;
using Netabase.Transport.Tls;

namespace Netabase.Transport.WebSocket;

/// <summary>
/// A WebSocket as a byte pipe: what is sent is one binary message, and of what is received only the bytes count. An accepted one runs
/// its opening handshake with the first receive or send, under the deadline of that: so a slow client stalls nobody but itself.
/// </summary>
internal sealed class WebSocketConnection : IRawConnection
{
    /// <summary>How long our farewell may take to be taken.</summary>
    private static readonly TimeSpan FarewellPatience = TimeSpan.FromSeconds(1);

    private readonly IRawConnection _below;
    private readonly Func<CancellationToken, ValueTask<WebSocketChannel>>? _open;
    private WebSocketChannel? _channel;
    private int _closed;

    /// <summary>An accepted connection, not yet opened.</summary>
    public WebSocketConnection(IRawConnection below, Multiaddr suffix, Func<CancellationToken, ValueTask<WebSocketChannel>> open)
    {
        _below = below;
        _open = open;
        LocalAddress = below.LocalAddress.Encapsulate(suffix);
        RemoteAddress = below.RemoteAddress.Encapsulate(suffix);
    }

    /// <summary>A dialed connection, opened.</summary>
    public WebSocketConnection(IRawConnection below, Multiaddr suffix, WebSocketChannel channel)
        : this(below, suffix, _ => new ValueTask<WebSocketChannel>(channel)) => _channel = channel;

    public Multiaddr LocalAddress { get; }

    public Multiaddr RemoteAddress { get; }

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var socket = (await OpenAsync(cancellation).ConfigureAwait(false)).Socket;
        if (buffer.IsEmpty) return 0;
        try
        {
            while (true)
            {
                var result = await socket.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
                if (result.MessageType == WebSocketMessageType.Close) return 0;
                if (result.MessageType == WebSocketMessageType.Text)
                    throw new TransportException(TransportError.ProtocolViolation, "WebSocket: the other end sent text.");
                if (result.Count > 0) return result.Count;
            }
        }
        catch (Exception e) when (IsOfWebSocket(e))
        {
            cancellation.ThrowIfCancellationRequested();
            throw Translate(e, "Receiving over WebSocket failed");
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var socket = (await OpenAsync(cancellation).ConfigureAwait(false)).Socket;
        try
        {
            await socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfWebSocket(e))
        {
            cancellation.ThrowIfCancellationRequested();
            throw Translate(e, "Sending over WebSocket failed");
        }
    }

    public void Abort() => _below.Abort();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        if (_channel is { } channel)
        {
            try
            {
                using var patience = new CancellationTokenSource(FarewellPatience);
                await channel.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (IsOfWebSocket(e) || e is OperationCanceledException or TransportException)
            {
                _below.Abort();
            }

            channel.Socket.Dispose();
            await channel.Carrier.DisposeAsync().ConfigureAwait(false);
        }

        await _below.DisposeAsync().ConfigureAwait(false);
    }

    private static bool IsOfWebSocket(Exception e) => e is WebSocketException or InvalidOperationException || TlsConnection.IsOfTls(e);

    private static TransportException Translate(Exception e, string doing) => e switch
    {
        { InnerException: TransportException below } => below,
        { InnerException: { } inner } when SocketErrors.IsOfNetwork(inner) => SocketErrors.Translate(inner, doing),
        _ => new TransportException(TransportError.ConnectionClosed, $"{doing}: {e.Message}", e),
    };

    private async ValueTask<WebSocketChannel> OpenAsync(CancellationToken cancellation) =>
        _channel ??= await _open!(cancellation).ConfigureAwait(false);
}

/// <summary>An opened WebSocket and what carries it: the raw connection, or TLS over it.</summary>
internal sealed record WebSocketChannel(System.Net.WebSockets.WebSocket Socket, IRawConnection Carrier);
