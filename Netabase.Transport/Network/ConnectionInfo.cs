using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Network;

/// <summary>Who began: we, or the peer.</summary>
public enum Direction
{
    /// <summary>The peer opened it.</summary>
    Inbound,

    /// <summary>We opened it.</summary>
    Outbound,
}

/// <summary>Numbers the connections of one network instance; never reused.</summary>
public readonly record struct ConnectionId(long Value)
{
    /// <summary>The number.</summary>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What does not change in the life of a connection.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Peer">Who proved to be at the other end.</param>
/// <param name="Direction">Who dialed.</param>
/// <param name="LocalAddress">Our end.</param>
/// <param name="RemoteAddress">The other end as the operating system sees it, without <c>/p2p</c>.</param>
/// <param name="Security">The security protocol; empty where the transport needs none.</param>
/// <param name="Muxer">The muxer; empty where the transport brings its own streams.</param>
/// <param name="OpenedAt">When it was ready for streams.</param>
public sealed record ConnectionInfo(
    ConnectionId Id,
    PeerId Peer,
    Direction Direction,
    Multiaddr LocalAddress,
    Multiaddr RemoteAddress,
    ProtocolId Security,
    ProtocolId Muxer,
    DateTimeOffset OpenedAt);

/// <summary>A connection as it stood at one moment.</summary>
/// <param name="Info">What does not change.</param>
/// <param name="Streams">Streams open, both directions.</param>
/// <param name="RoundTrip">The newest measured round trip, or null before the first.</param>
/// <param name="Identified">Whether Identify has completed on it.</param>
/// <param name="Protected">Whether a tag protects its peer.</param>
public sealed record ConnectionStatus(
    ConnectionInfo Info, int Streams, TimeSpan? RoundTrip, bool Identified, bool Protected);
