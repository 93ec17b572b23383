namespace Netabase.Transport.Yamux;

/// <summary>The bounds of one Yamux session. The defaults are those that go-yamux and rust-yamux live by, where they agree.</summary>
public sealed record YamuxOptions
{
    /// <summary>The window each side of a stream starts with; the protocol fixes it, no option can lower it.</summary>
    public const int InitialWindow = 256 * 1024;

    /// <summary>The most bytes one stream's receive window grows to, when its reader keeps up. At least <see cref="InitialWindow"/>.</summary>
    public int MaxStreamWindow { get; init; } = 64 * 1024 * 1024;

    /// <summary>The most bytes that all streams' windows together may grow beyond their initial ones.</summary>
    public long MaxWindowGrowth { get; init; } = 128L * 1024 * 1024;

    /// <summary>The same over all connections of one muxer.</summary>
    public long MaxTotalWindowGrowth { get; init; } = 512L * 1024 * 1024;

    /// <summary>
    /// The most bytes that were received and not read, over all connections of one muxer, and a quarter of it for one connection; a
    /// stream that receives more than that is reset. What a reader takes at once does not count.
    /// </summary>
    public long MaxUnread { get; init; } = 512L * 1024 * 1024;

    /// <summary>The most streams the peer may have open at once; a further one is reset.</summary>
    public int MaxIncomingStreams { get; init; } = 1000;

    /// <summary>The most streams we may have open at once; a further one waits for a free place.</summary>
    public int MaxOutgoingStreams { get; init; } = 16 * 1024;

    /// <summary>
    /// The most streams the peer may have opened that nobody has accepted yet (a further one is reset), and the most of ours that the
    /// peer has not acknowledged yet (a further one waits).
    /// </summary>
    public int AcceptBacklog { get; init; } = 256;

    /// <summary>The most openers that wait for a place; a further one fails at once.</summary>
    public int MaxWaitingOpeners { get; init; } = 1024;

    /// <summary>
    /// The largest payload of one frame that is accepted, in bytes. A frame may be as long as the window, and js-libp2p's are;
    /// nothing is allocated by its length.
    /// </summary>
    public int MaxFrame { get; init; } = 64 * 1024 * 1024;

    /// <summary>The largest payload of one frame that is sent; with its header it fills one Noise frame.</summary>
    public int MaxFrameSent { get; init; } = 65_519 - YamuxHeader.Size;

    /// <summary>Bytes that a writer may leave in a stream's own buffer and go on; a longer write waits until it is sent.</summary>
    public int WriteBuffer { get; init; } = 16 * 1024;

    /// <summary>The most answers to pings, resets of refused streams and the like that wait to be sent; beyond, the peer floods us.</summary>
    public int MaxQueuedAnswers { get; init; } = 32;

    /// <summary>The most resets of refused streams that wait to be sent; beyond, the peer floods us.</summary>
    public int MaxQueuedResets { get; init; } = 1024;

    /// <summary>Frames that move nothing (pings, bare updates) which a peer may send in one burst; see <see cref="FloodPerSecond"/>.</summary>
    public int FloodBurst { get; init; } = 4096;

    /// <summary>By how many such frames the burst recovers in a second; payload and new streams earn more.</summary>
    public int FloodPerSecond { get; init; } = 1000;

    /// <summary>Payload for streams we do not know (they may just have closed) that is discarded before it counts as an attack, in bytes.</summary>
    public int MaxUnknownData { get; init; } = InitialWindow;

    /// <summary>After this long without a byte from the peer it is asked by a ping. Zero: never.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the peer may take to send anything after that ping.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one send may wait for the connection below.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long <see cref="Connections.IMuxedConnection.CloseAsync"/> waits for what is queued, when its caller sets no deadline.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a goodbye may take to leave when the session ends by an error.</summary>
    public TimeSpan FarewellTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the peer may keep a stream half open that we have disposed, before it is reset.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an acknowledgement may wait for something to ride on.</summary>
    public TimeSpan AckDelay { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>How often the round trip is measured while windows might grow by it.</summary>
    public TimeSpan RoundTripInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What the sessions that share these bounds draw from.</summary>
    internal ReceiveBudget Budget() => new(MaxUnread, MaxTotalWindowGrowth);

    /// <summary>Throws when a bound is out of its range, and says which.</summary>
    internal YamuxOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxStreamWindow, InitialWindow);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxWindowGrowth);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxTotalWindowGrowth);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnread, 4L * InitialWindow);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxIncomingStreams);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxOutgoingStreams, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AcceptBacklog, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxWaitingOpeners);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFrame, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFrameSent, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(WriteBuffer);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueuedAnswers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueuedResets, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(FloodBurst, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(FloodPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxUnknownData);
        return this;
    }
}
