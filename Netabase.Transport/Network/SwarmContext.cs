using Microsoft.Extensions.Logging;
using Netabase.Multiformats;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Network;

/// <summary>What every part of a swarm shares and what outlives its runs.</summary>
internal sealed class SwarmContext(PeerNetworkOptions options, PeerStore peers)
{
    private long _lastConnection;

    public PeerNetworkOptions Options { get; } = options;

    public PeerId LocalPeer { get; } = options.LocalPeer;

    public TimeProvider Time { get; } = options.Time;

    public PeerStore Peers { get; } = peers;

    public ProtocolHandlers Handlers { get; } = new();

    public EventFan Events { get; } = new();

    public Protections Protections { get; } = new();

    public ILogger Log { get; } = options.Loggers.CreateLogger("Netabase.Transport.Swarm");

    /// <summary>Numbers our signed records, over restarts too.</summary>
    public PeerRecordSequence Sequence { get; } = new(options.Time);

    public ConnectionId NextConnection() => new(Interlocked.Increment(ref _lastConnection));

    /// <summary>For a <see cref="TaskScope"/>: what no part expected.</summary>
    public void Unexpected(Exception failure) => NetworkLog.Unexpected(Log, failure);
}
