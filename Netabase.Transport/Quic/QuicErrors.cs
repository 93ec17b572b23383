using System.Net.Quic;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Authentication;
using Netabase.Transport.Tcp;

namespace Netabase.Transport.Quic;

/// <summary>The one place where what QUIC throws becomes a <see cref="TransportException"/>.</summary>
[SupportedOSPlatform("linux"), SupportedOSPlatform("windows"), SupportedOSPlatform("macos")]
internal static class QuicErrors
{
    public static bool IsOfQuic(Exception e) => e is QuicException or AuthenticationException or SocketException or ObjectDisposedException;

    public static TransportException Translate(Exception e, string doing)
    {
        if (e is AuthenticationException) return new TransportException(TransportError.InvalidData, $"{doing}: {e.Message}", e);
        if (e is not QuicException quic) return SocketErrors.Translate(e, doing);
        var error = quic.QuicError switch
        {
            QuicError.ConnectionRefused => TransportError.Unreachable,
            QuicError.ConnectionTimeout => TransportError.TimedOut,
            QuicError.AlpnInUse or QuicError.VersionNegotiationError => TransportError.ProtocolNotSupported,
            QuicError.StreamAborted => TransportError.StreamReset,
            _ => TransportError.ConnectionClosed,
        };
        return new TransportException(error, $"{doing}: {quic.QuicError}.", e);
    }
}
