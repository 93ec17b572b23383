namespace Netabase.Interop.Live;

/// <summary>What lies below the streams.</summary>
public enum Wire
{
    /// <summary>TCP, Noise, Yamux.</summary>
    TcpNoise,

    /// <summary>TCP, TLS 1.3, Yamux.</summary>
    TcpTls,

    /// <summary>WebSocket, Noise, Yamux.</summary>
    WebSocket,
}

/// <summary>Who opened the connection between the two.</summary>
public enum Dialer
{
    /// <summary>Our node.</summary>
    We,

    /// <summary>js-libp2p.</summary>
    Js,
}
