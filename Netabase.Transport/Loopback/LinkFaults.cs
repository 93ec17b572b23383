namespace Netabase.Transport.Loopback;

/// <summary>What one direction between two peers does to what is sent over it.</summary>
public sealed record LinkFaults
{
    /// <summary>No delay, no loss.</summary>
    public static LinkFaults None { get; } = new();

    /// <summary>How long everything is under way.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Up to so much is added to the delay, evenly distributed.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>
    /// How likely a segment is lost on its way, 0 to 1. A stream is reliable, so the loss shows as <see cref="Retransmission"/>
    /// more delay, of this segment and of those behind it.
    /// </summary>
    public double Loss { get; init; }

    /// <summary>How long it takes until a lost segment is sent again.</summary>
    public TimeSpan Retransmission { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Whether streams of one connection may overtake each other, as over QUIC; else the connection is one sequence, as over
    /// TCP. Within a stream the order always holds.
    /// </summary>
    public bool Reorder { get; init; }
}
