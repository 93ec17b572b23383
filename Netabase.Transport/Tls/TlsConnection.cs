using System.Net.Security;
using System.Security.Authentication;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Tcp;

namespace Netabase.Transport.Tls;

/// <summary>The plaintext side of a TLS stream as a raw connection; an empty receive waits without TLS holding a buffer.</summary>
internal sealed class TlsConnection(IRawConnection below, SslStream tls) : IRawConnection
{
    /// <summary>How long our farewell may take to be taken.</summary>
    private static readonly TimeSpan FarewellPatience = TimeSpan.FromSeconds(1);

    private int _closed;

    public Multiaddr LocalAddress => below.LocalAddress;

    public Multiaddr RemoteAddress => below.RemoteAddress;

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await tls.ReadAsync(buffer, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfTls(e))
        {
            throw Translate(e, "Receiving over TLS failed");
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await tls.WriteAsync(bytes, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfTls(e))
        {
            throw Translate(e, "Sending over TLS failed");
        }
    }

    /// <summary>The stream's state goes with the pending operations, which the cut ends; only disposal may touch it.</summary>
    public void Abort() => below.Abort();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        try
        {
            await tls.ShutdownAsync().WaitAsync(FarewellPatience).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfTls(e) || e is TimeoutException or TransportException)
        {
            below.Abort();
        }

        await below.DisposeAsync().ConfigureAwait(false);
        await tls.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Whether an exception is one that a TLS stream throws for what the other end, or the connection below, does.</summary>
    internal static bool IsOfTls(Exception e) =>
        e is AuthenticationException or IOException or InvalidOperationException || SocketErrors.IsOfNetwork(e);

    internal static TransportException Translate(Exception e, string doing) => e switch
    {
        IOException { InnerException: TransportException below } => below,
        AuthenticationException => new TransportException(TransportError.InvalidData, $"{doing}: {e.Message}", e),
        _ when SocketErrors.IsOfNetwork(e) => SocketErrors.Translate(e, doing),
        _ => new TransportException(TransportError.ConnectionClosed, $"{doing}: {e.Message}", e),
    };
}
