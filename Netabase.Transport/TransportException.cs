namespace Netabase.Transport;

/// <summary>What went wrong on the way to, or with, a peer; a closed set, so that callers can decide by it.</summary>
public enum TransportError
{
    /// <summary>No transport serves that address, or it cannot be parsed or bound.</summary>
    AddressUnusable,

    /// <summary>The peer's host refused or could not be reached.</summary>
    Unreachable,

    /// <summary>A deadline passed.</summary>
    TimedOut,

    /// <summary>The connection ended, orderly or not, while it was needed.</summary>
    ConnectionClosed,

    /// <summary>The stream was reset by the peer.</summary>
    StreamReset,

    /// <summary>The peer broke a protocol's rules.</summary>
    ProtocolViolation,

    /// <summary>The other end is not who it should be, or could not prove it.</summary>
    IdentityMismatch,

    /// <summary>No protocol in common.</summary>
    ProtocolNotSupported,

    /// <summary>One of our limits, or the peer's, is reached.</summary>
    LimitReached,

    /// <summary>An allow or deny list forbids it.</summary>
    Denied,

    /// <summary>A key, a signature, a certificate or a message does not hold.</summary>
    InvalidData,

    /// <summary>The network was stopped.</summary>
    Stopped,

    /// <summary>It failed a moment ago, and is not tried again before its back-off ends.</summary>
    BackingOff,
}

/// <summary>The one exception of this library for what peers, networks and addresses do; misuse throws the usual argument exceptions.</summary>
public class TransportException : Exception
{
    /// <summary>A failure with its kind, a sentence that names what was wrong, and what caused it.</summary>
    public TransportException(TransportError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>The kind of failure.</summary>
    public TransportError Error { get; }
}
