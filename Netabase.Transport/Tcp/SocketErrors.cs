using System.Net.Sockets;

namespace Netabase.Transport.Tcp;

/// <summary>The one place where what the operating system says of a socket becomes a <see cref="TransportException"/>.</summary>
internal static class SocketErrors
{
    /// <summary>Whether an exception is one of those a socket, or a stream over it, throws for what the network does.</summary>
    public static bool IsOfNetwork(Exception exception) =>
        exception is SocketException or ObjectDisposedException || exception is IOException { InnerException: SocketException or ObjectDisposedException or null };

    /// <summary>The exception to throw instead.</summary>
    /// <param name="exception">For which <see cref="IsOfNetwork"/> is true.</param>
    /// <param name="doing">What was under way, to start the sentence with.</param>
    public static TransportException Translate(Exception exception, string doing)
    {
        var socket = exception as SocketException ?? exception.InnerException as SocketException;
        var error = socket is null ? TransportError.ConnectionClosed : Kind(socket.SocketErrorCode);
        return new TransportException(error, $"{doing}: {socket?.SocketErrorCode.ToString() ?? exception.GetType().Name}.", exception);
    }

    private static TransportError Kind(SocketError code) => code switch
    {
        SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown
            or SocketError.NetworkDown or SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain
            or SocketError.NoRecovery => TransportError.Unreachable,
        SocketError.TimedOut => TransportError.TimedOut,
        SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported
            or SocketError.AccessDenied or SocketError.InvalidArgument or SocketError.ProtocolFamilyNotSupported
            => TransportError.AddressUnusable,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ProcessLimit
            => TransportError.LimitReached,
        _ => TransportError.ConnectionClosed,
    };
}
