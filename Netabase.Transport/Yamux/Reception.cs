namespace Netabase.Transport.Yamux;

/// <summary>What a received header means for the bytes behind it and for those who wait.</summary>
internal enum ReceptionKind
{
    /// <summary>Nothing to do beyond what the session has done.</summary>
    Done,

    /// <summary>The next <see cref="Reception.Length"/> bytes belong to the stream.</summary>
    Payload,

    /// <summary>The next <see cref="Reception.Length"/> bytes belong to nobody.</summary>
    Discard,

    /// <summary>The peer broke the rules: say so and end the session.</summary>
    Violation,
}

/// <summary>What happened beside the payload.</summary>
[Flags]
internal enum ReceptionEvents
{
    None = 0,

    /// <summary>The stream is new and waits to be accepted.</summary>
    Opened = 1,

    /// <summary>The peer closes its side behind this frame's payload.</summary>
    Finished = 2,

    /// <summary>The peer reset the stream, with <see cref="Reception.Code"/>.</summary>
    Reset = 4,

    /// <summary>The peer said goodbye, with <see cref="Reception.Code"/>.</summary>
    GoAway = 8,
}

/// <summary>The session's answer to one header.</summary>
internal readonly record struct Reception(
    ReceptionKind Kind,
    StreamState? Stream = null,
    int Length = 0,
    ReceptionEvents Events = ReceptionEvents.None,
    uint Code = 0,
    TransportError Error = TransportError.ProtocolViolation,
    string? Reason = null)
{
    internal static Reception Nothing => new(ReceptionKind.Done);

    internal bool Has(ReceptionEvents happened) => (Events & happened) != 0;

    internal static Reception Violation(string reason) => new(ReceptionKind.Violation, Reason: reason);

    internal static Reception Flood(string reason) =>
        new(ReceptionKind.Violation, Error: TransportError.LimitReached, Reason: reason);
}

/// <summary>One frame to send: a header, and behind it <see cref="Payload"/> bytes of the stream's queue.</summary>
internal readonly record struct Outgoing(YamuxHeader Header, StreamState? Stream, int Payload);
