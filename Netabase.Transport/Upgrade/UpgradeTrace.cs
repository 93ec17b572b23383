using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Network;

namespace Netabase.Transport.Upgrade;

/// <summary>
/// What one upgrade leaves for those who watch: a span, a count and a duration by security and outcome, and a line in the log. It
/// begins with the first byte and costs no text while nobody listens.
/// </summary>
internal sealed partial class UpgradeTrace : IDisposable
{
    private const string Success = "Succeeded";
    private const string NotAgreed = "none";

    private readonly UpgradeOptions _options;
    private readonly Multiaddr _remote;
    private readonly Direction _direction;
    private readonly Activity? _activity;
    private readonly long _started;

    public UpgradeTrace(UpgradeOptions options, Multiaddr remote, ConnectionRole role)
    {
        _options = options;
        _remote = remote;
        _direction = role == ConnectionRole.Dialer ? Direction.Outbound : Direction.Inbound;
        _activity = TransportTelemetry.Activities.StartActivity("upgrade");
        _activity?.SetTag("network.peer.address", remote.ToString());
        _started = options.Time.GetTimestamp();
    }

    /// <summary>The security agreed on, or bet on; null before that.</summary>
    public ProtocolId? Security { get; set; }

    public void Succeeded(UpgradedConnection connection)
    {
        var took = End(Success);
        _activity?.SetTag("libp2p.peer", connection.RemotePeer.ToString());
        _activity?.SetTag("libp2p.muxer", connection.Muxer.Name);
        Done(_options.Log, _remote, _direction, connection.RemotePeer, connection.Security.Name, connection.Muxer.Name, took.TotalMilliseconds);
    }

    public void Failed(Exception failure)
    {
        var outcome = failure switch
        {
            TransportException known => Enum.GetName(known.Error)!,
            OperationCanceledException => "Cancelled",
            _ => "Unexpected",
        };
        var took = End(outcome);
        _activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
        GaveUp(_options.Log, _remote, _direction, Security?.Name ?? NotAgreed, outcome, failure.Message, took.TotalMilliseconds);
    }

    public void Dispose() => _activity?.Dispose();

    private TimeSpan End(string outcome)
    {
        var took = _options.Time.GetElapsedTime(_started);
        var security = Security?.Name ?? NotAgreed;
        TransportTelemetry.HandshakeEnded(took, _direction, security, outcome);
        _activity?.SetTag("libp2p.security", security);
        return took;
    }

    [LoggerMessage(1, LogLevel.Debug, "Upgraded the connection with {Address} ({Direction}): {Peer}, {Security}, {Muxer}, in {Milliseconds} ms")]
    private static partial void Done(
        ILogger log, Multiaddr address, Direction direction, PeerId peer, string security, string muxer, double milliseconds);

    [LoggerMessage(2, LogLevel.Debug, "The upgrade of the connection with {Address} ({Direction}, {Security}) ended in {Outcome} after {Milliseconds} ms: {Reason}")]
    private static partial void GaveUp(
        ILogger log, Multiaddr address, Direction direction, string security, string outcome, string reason, double milliseconds);
}
