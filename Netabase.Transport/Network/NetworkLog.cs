using Microsoft.Extensions.Logging;
using Netabase.Multiformats;

namespace Netabase.Transport.Network;

/// <summary>Everything the network writes to the log, in one place and without formatting what nobody reads.</summary>
internal static partial class NetworkLog
{
    [LoggerMessage(1, LogLevel.Information, "Listening on {Address}")]
    public static partial void Listening(ILogger log, Multiaddr address);

    [LoggerMessage(2, LogLevel.Warning, "No longer listening on {Address}: {Reason}")]
    public static partial void ListenFailed(ILogger log, Multiaddr address, string reason);

    [LoggerMessage(3, LogLevel.Debug, "Connected to {Peer} at {Address} ({Direction}, {Security}, {Muxer})")]
    public static partial void Connected(
        ILogger log, PeerId peer, Multiaddr address, Direction direction, string security, string muxer);

    [LoggerMessage(4, LogLevel.Debug, "Connection to {Peer} ended: {Cause}, {Reason}")]
    public static partial void Disconnected(ILogger log, PeerId peer, CloseCause cause, string reason);

    [LoggerMessage(5, LogLevel.Debug, "Refused a connection from {Address}: {Error}")]
    public static partial void InboundRefused(ILogger log, Multiaddr address, TransportError error);

    [LoggerMessage(6, LogLevel.Debug, "Dial of {Peer} failed: {Reason}")]
    public static partial void DialFailed(ILogger log, PeerId? peer, string reason);

    [LoggerMessage(7, LogLevel.Debug, "Handler of {Protocol} for {Peer} failed")]
    public static partial void HandlerFailed(ILogger log, string protocol, PeerId peer, Exception failure);

    [LoggerMessage(8, LogLevel.Debug, "Identify of {Peer} failed: {Reason}")]
    public static partial void IdentifyFailed(ILogger log, PeerId peer, string reason);

    [LoggerMessage(9, LogLevel.Information, "Confirmed external address {Address}")]
    public static partial void ExternalConfirmed(ILogger log, Multiaddr address);

    [LoggerMessage(10, LogLevel.Error, "A part of the network failed in a way nobody expected")]
    public static partial void Unexpected(ILogger log, Exception failure);

    [LoggerMessage(11, LogLevel.Information, "Trimmed {Count} of {Total} connections")]
    public static partial void Trimmed(ILogger log, int count, int total);

    [LoggerMessage(13, LogLevel.Warning, "{Count} handlers of streams of {Peer} go on {Seconds} s after their connection has ended; nobody waits for them any more")]
    public static partial void HandlersAbandoned(ILogger log, int count, PeerId peer, double seconds);

    [LoggerMessage(12, LogLevel.Warning, "Discovery {Name} failed: {Reason}")]
    public static partial void DiscoveryFailed(ILogger log, string name, string reason);
}
