namespace Netabase.Transport.Quic;

/// <summary>The bounds of QUIC connections.</summary>
public sealed record QuicOptions
{
    /// <summary>Streams the peer may have open.</summary>
    public int MaxIncomingStreams { get; init; } = 1000;

    /// <summary>Connections that may wait to be accepted.</summary>
    public int Backlog { get; init; } = 512;

    /// <summary>The whole handshake.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A connection that hears nothing for so long is over.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a silent connection is kept open.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);
}
