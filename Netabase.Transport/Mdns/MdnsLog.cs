using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Netabase.Transport.Mdns;

/// <summary>Everything mDNS writes to the log: what sockets refuse, and nothing that peers say.</summary>
internal static partial class MdnsLog
{
    [LoggerMessage(1, LogLevel.Information, "mDNS does without {Family}: {Error}")]
    public static partial void FamilyLeftOut(ILogger log, AddressFamily family, SocketError error);

    [LoggerMessage(2, LogLevel.Trace, "mDNS passes over a datagram: {Error}")]
    public static partial void DatagramPassedOver(ILogger log, SocketError error);

    [LoggerMessage(3, LogLevel.Debug, "mDNS cannot receive: {Error}")]
    public static partial void CannotReceive(ILogger log, SocketError error);

    [LoggerMessage(4, LogLevel.Debug, "mDNS cannot join {Group} on interface {Interface}: {Error}")]
    public static partial void CannotJoin(ILogger log, IPAddress group, int @interface, SocketError error);

    [LoggerMessage(5, LogLevel.Debug, "mDNS cannot send on interface {Interface}: {Error}")]
    public static partial void CannotSend(ILogger log, int @interface, SocketError error);

    [LoggerMessage(6, LogLevel.Debug, "mDNS cannot answer {To}: {Error}")]
    public static partial void CannotAnswer(ILogger log, EndPoint to, SocketError error);
}
