using System.Diagnostics;
using System.Diagnostics.Metrics;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Network;

/// <summary>
/// What this library measures, under the meter and the activity source <c>Netabase.Transport</c>. Tags have few values:
/// directions, error kinds, security protocols, and only those stream protocols that this process names itself.
/// </summary>
public static class TransportTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Netabase.Transport";

    internal static readonly ActivitySource Activities = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly UpDownCounter<long> OpenConnections =
        Meter.CreateUpDownCounter<long>("netabase.transport.connections", "{connection}", "Open connections.");

    private static readonly Counter<long> ClosedConnections =
        Meter.CreateCounter<long>("netabase.transport.connections.closed", "{connection}", "Connections that ended, by cause.");

    private static readonly Counter<long> Refused =
        Meter.CreateCounter<long>("netabase.transport.inbound.refused", "{connection}", "Inbound connections refused, by reason.");

    private static readonly Counter<long> DialErrors =
        Meter.CreateCounter<long>("netabase.transport.dial.errors", "{attempt}", "Failed dial attempts, by reason.");

    private static readonly Counter<long> Handshakes =
        Meter.CreateCounter<long>("netabase.transport.handshakes", "{handshake}", "Upgrades that ended, by security and outcome.");

    private static readonly Histogram<double> HandshakeDuration =
        Meter.CreateHistogram<double>(
            "netabase.transport.handshake.duration", "s", "From the first byte to a connection with streams, or to the upgrade's failure.");

    private static readonly UpDownCounter<long> OpenStreams =
        Meter.CreateUpDownCounter<long>("netabase.transport.streams", "{stream}", "Open streams, by protocol.");

    private static readonly Counter<long> RefusedStreams =
        Meter.CreateCounter<long>("netabase.transport.streams.refused", "{stream}", "Inbound streams reset unserved, by reason.");

    private static readonly Counter<long> OverflowedStreams =
        Meter.CreateCounter<long>(
            "netabase.transport.streams.overflowed", "{stream}", "Streams reset because more was received than may wait for readers.");

    private static readonly Counter<long> AbandonedHandlers =
        Meter.CreateCounter<long>(
            "netabase.transport.handlers.abandoned", "{handler}", "Stream handlers that went on after their connection, and that nobody waits for.");

    private static readonly Counter<long> BytesRead =
        Meter.CreateCounter<long>("netabase.transport.bytes.read", "By", "Bytes read from streams.");

    private static readonly Counter<long> BytesWritten =
        Meter.CreateCounter<long>("netabase.transport.bytes.written", "By", "Bytes written to streams.");

    internal static void ConnectionOpened(ConnectionInfo connection) =>
        OpenConnections.Add(1, Tag("direction", connection.Direction), new("security", connection.Security.Name));

    internal static void ConnectionClosed(ConnectionInfo connection, CloseCause cause)
    {
        OpenConnections.Add(-1, Tag("direction", connection.Direction), new("security", connection.Security.Name));
        ClosedConnections.Add(1, Tag("cause", cause));
    }

    internal static void InboundRefused(TransportError error) => Refused.Add(1, Tag("reason", error));

    internal static void DialFailed(TransportError error) => DialErrors.Add(1, Tag("reason", error));

    internal static void HandshakeEnded(TimeSpan duration, Direction direction, string security, string outcome)
    {
        KeyValuePair<string, object?> which = new("security", security), how = new("outcome", outcome);
        Handshakes.Add(1, Tag("direction", direction), which, how);
        HandshakeDuration.Record(duration.TotalSeconds, Tag("direction", direction), which, how);
    }

    internal static void StreamOpened(ProtocolId protocol, Direction direction) =>
        OpenStreams.Add(1, new("protocol", protocol.Name), Tag("direction", direction));

    internal static void StreamClosed(ProtocolId protocol, Direction direction) =>
        OpenStreams.Add(-1, new("protocol", protocol.Name), Tag("direction", direction));

    internal static void StreamRefused(TransportError error) => RefusedStreams.Add(1, Tag("reason", error));

    internal static void StreamOverflowed() => OverflowedStreams.Add(1);

    internal static void HandlersAbandoned(int count) => AbandonedHandlers.Add(count);

    internal static void Read(int bytes) => BytesRead.Add(bytes);

    internal static void Written(int bytes) => BytesWritten.Add(bytes);

    private static KeyValuePair<string, object?> Tag<T>(string name, T value)
        where T : struct, Enum => new(name, Enum.GetName(value));
}
