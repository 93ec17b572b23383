namespace Netabase.Transport.Yamux;

/// <summary>
/// One stream as the session sees it: windows, flags to send, and what was closed. It knows nothing of buffers, tasks or
/// sockets; whoever owns it moves the bytes the session names.
/// </summary>
internal sealed class StreamState(uint id, bool outbound, long now)
{
    internal uint Id { get; } = id;

    /// <summary>Whether we opened it.</summary>
    internal bool Outbound { get; } = outbound;

    /// <summary>The object that moves this stream's bytes.</summary>
    internal YamuxStream? Owner { get; set; }

    // --- sending ---

    /// <summary>Payload bytes the peer lets us send.</summary>
    internal long SendWindow { get; set; } = YamuxOptions.InitialWindow;

    /// <summary>Bytes our writer has queued and we have not sent.</summary>
    internal long Unsent { get; set; }

    /// <summary>Something of ours has been sent on it.</summary>
    internal bool Answered { get; set; }

    /// <summary>The opening has not left yet; it rides on the next frame.</summary>
    internal bool SynDue { get; set; } = outbound;

    /// <summary>The acknowledgement has not left yet; it rides on the next frame.</summary>
    internal bool AckDue { get; set; }

    /// <summary>A frame must go out for <see cref="SynDue"/> or <see cref="AckDue"/> even if there is nothing for it to carry.</summary>
    internal bool FlagsUrgent { get; set; }

    /// <summary>Our side is to be closed once everything unsent has left.</summary>
    internal bool FinDue { get; set; }

    internal bool FinSent { get; set; }

    /// <summary>The code of a reset that has not left yet.</summary>
    internal uint? ResetDue { get; set; }

    // --- receiving ---

    /// <summary>Payload bytes the peer may still send.</summary>
    internal long Granted { get; set; } = YamuxOptions.InitialWindow;

    /// <summary>Bytes received that our reader has not taken.</summary>
    internal long Buffered { get; set; }

    /// <summary>The window we restore with each update.</summary>
    internal long Window { get; set; } = YamuxOptions.InitialWindow;

    /// <summary>Bytes our reader took since the last update.</summary>
    internal long Consumed { get; set; }

    /// <summary>A window update is to be sent.</summary>
    internal bool CreditDue { get; set; }

    /// <summary>When the last update was due, or the stream began: the start of the interval by which the window grows.</summary>
    internal long Epoch { get; set; } = now;

    /// <summary>When the reader last took bytes.</summary>
    internal long ConsumedAt { get; set; } = now;

    /// <summary>When the burst began that is being read, and how much of <see cref="Consumed"/> its first bytes made: what followed shows the line's speed.</summary>
    internal long BurstAt { get; set; } = now;

    /// <inheritdoc cref="BurstAt"/>
    internal long BurstHead { get; set; }

    internal bool FinReceived { get; set; }

    // --- life ---

    /// <summary>The peer has acknowledged our opening, or we need none.</summary>
    internal bool Acked { get; set; } = !outbound;

    /// <summary>No longer among the session's streams.</summary>
    internal bool Closed { get; set; }

    /// <summary>Our owner has given up reading: what still comes is discarded and earns no new window.</summary>
    internal bool Abandoned { get; set; }

    /// <summary>When an abandoned stream is reset.</summary>
    internal long LingersUntil { get; set; }

    // --- the session's queue of streams with something to send ---

    internal StreamState? NextReady { get; set; }

    internal bool IsQueued { get; set; }

    /// <summary>Whether a frame could go out now.</summary>
    internal bool HasWork => ResetDue is not null
        || (!Closed && ((Unsent > 0 && SendWindow > 0)
            || CreditDue
            || (FlagsUrgent && (SynDue || AckDue))
            || (FinDue && !FinSent && Unsent == 0)));
}
