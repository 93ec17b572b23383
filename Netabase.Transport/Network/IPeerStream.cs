using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Network;

/// <summary>A stream on which a protocol has been agreed, together with who is at the other end.</summary>
/// <remarks>Disposing it closes our side and, when the peer's end of data was not read yet, resets the rest.</remarks>
public interface IPeerStream : IMuxedStream
{
    /// <summary>The peer that proved to be at the other end.</summary>
    PeerId Peer { get; }

    /// <summary>The protocol that was agreed.</summary>
    ProtocolId Protocol { get; }

    /// <summary>Who opened the stream.</summary>
    Direction Direction { get; }

    /// <summary>The connection that carries it.</summary>
    ConnectionInfo Connection { get; }
}

/// <summary>Serves one inbound stream. The stream is closed when the task completes and reset when it fails.</summary>
/// <param name="stream">The stream; not to be used after the task has completed.</param>
/// <param name="cancellation">Fires when the network stops or the connection is over.</param>
public delegate Task StreamHandler(IPeerStream stream, CancellationToken cancellation);

/// <summary>How many inbound streams of one protocol may be in service at once; one beyond waits a moment for a place, and is reset when none becomes free.</summary>
/// <param name="Total">Over all peers.</param>
/// <param name="PerPeer">From one peer.</param>
public sealed record StreamLimits(int Total, int PerPeer)
{
    /// <summary>4,096 in total, 256 per peer.</summary>
    public static StreamLimits Default { get; } = new(4096, 256);
}
