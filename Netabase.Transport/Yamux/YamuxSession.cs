using System.Diagnostics.CodeAnalysis;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Yamux;

/// <summary>
/// Yamux without bytes, clock, tasks or locks: headers enter by <see cref="OnHeader"/>, what the application does enters
/// by the methods of the same names, and frames leave by <see cref="TryNext"/>. Its owner calls it from one thread at a
/// time and moves the payloads it names. Time enters as timestamps of <see cref="TimeProvider"/>.
/// </summary>
internal sealed partial class YamuxSession
{
    private readonly Dictionary<uint, StreamState> _streams = [];
    private readonly Queue<YamuxHeader> _answers = new();
    private readonly YamuxOptions _options;
    private readonly bool _dialer;
    private readonly long _pingInterval;
    private readonly ReceiveBudget _budget;
    private readonly long _handshake;
    private FloodBudget _flood;
    private StreamState? _readyHead;
    private StreamState? _readyTail;
    private uint _nextId;
    private int _incoming;
    private int _outgoing;
    private int _unacknowledged;
    private int _unaccepted;
    private int _queuedResets;
    private int _queuedPongs;
    private int _unsentStreams;
    private long _unknownAllowance;
    private long _windowGrowth;

    /// <param name="options">The bounds.</param>
    /// <param name="role">Whose ids are odd.</param>
    /// <param name="ticksPerSecond">Of the timestamps.</param>
    /// <param name="now">The time.</param>
    /// <param name="budget">Shared with other sessions; null for one of its own.</param>
    /// <param name="handshake">How long the handshake waited for the other end, in ticks: a round trip until one is measured, or 0.</param>
    internal YamuxSession(
        YamuxOptions options, ConnectionRole role, long ticksPerSecond, long now, ReceiveBudget? budget = null, long handshake = 0)
    {
        _handshake = handshake;
        _budget = budget ?? options.Budget();
        _options = options.Checked();
        _dialer = role == ConnectionRole.Dialer;
        _nextId = _dialer ? 1u : 2u;
        _pingInterval = (long)(options.RoundTripInterval.TotalSeconds * ticksPerSecond);
        _pingedAt = now;
        _unknownAllowance = options.MaxUnknownData;
        _flood = new FloodBudget(options.FloodBurst, options.FloodPerSecond, ticksPerSecond, now);
    }

    /// <summary>Streams open now.</summary>
    internal int StreamCount => _streams.Count;

    /// <summary>The streams open now, in no order.</summary>
    internal Dictionary<uint, StreamState>.ValueCollection Streams => _streams.Values;

    /// <summary>Streams the peer has open.</summary>
    internal int IncomingCount => _incoming;

    /// <summary>How far all windows together have grown beyond their initial size, in bytes.</summary>
    internal long WindowGrowth => _windowGrowth;

    /// <summary>Frames queued that belong to no stream.</summary>
    internal int QueuedAnswers => _answers.Count;

    /// <summary>Streams that hold bytes not yet sent.</summary>
    internal int UnsentStreams => _unsentStreams;

    /// <summary>The newest measured round trip in timestamp ticks, or 0.</summary>
    internal long RoundTrip { get; private set; }

    /// <summary>The round trip by which windows grow: the newest, else what the handshake took, or 0.</summary>
    private long Trip => RoundTrip != 0 ? RoundTrip : _handshake;

    /// <summary>Whether a frame could go out now.</summary>
    internal bool HasWork => _answers.Count > 0 || _readyHead is not null || PingWanted || GoodbyeReady;

    /// <summary>Whether no further stream may be opened by us.</summary>
    internal bool IsClosing => GoodbyeWanted || PeerSaidGoodbye || _nextId > uint.MaxValue - 2;

    /// <summary>Why a stream cannot be opened now.</summary>
    internal enum Refusal
    {
        /// <summary>It can.</summary>
        None,

        /// <summary>A place will become free.</summary>
        Full,

        /// <summary>A goodbye was said, or the ids are used up.</summary>
        Closed,
    }

    /// <summary>Opens a stream of ours. Nothing is sent for it yet.</summary>
    internal Refusal TryOpen(long now, [NotNullWhen(true)] out StreamState? stream)
    {
        stream = null;
        if (IsClosing)
            return Refusal.Closed;
        if (_unacknowledged >= _options.AcceptBacklog || _outgoing >= _options.MaxOutgoingStreams)
            return Refusal.Full;
        stream = new StreamState(_nextId, outbound: true, now);
        _nextId += 2;
        _outgoing++;
        _unacknowledged++;
        _streams.Add(stream.Id, stream);
        _flood.EarnStream();
        return Refusal.None;
    }

    /// <summary>The application took a stream of the peer's; it will be acknowledged.</summary>
    internal void OnAccepted(StreamState stream)
    {
        _unaccepted--;
        if (!stream.Closed)
            stream.AckDue = true;
    }

    /// <summary>The reader waits: what has been held back until something could carry it goes out now.</summary>
    internal void OnReaderWaits(StreamState stream)
    {
        if ((!stream.SynDue && !stream.AckDue) || stream.Closed)
            return;
        stream.FlagsUrgent = true;
        MakeReady(stream);
    }

    /// <summary>Every held back acknowledgement goes out now.</summary>
    internal void FlushAcks()
    {
        foreach (var stream in _streams.Values)
        {
            if (!stream.AckDue)
                continue;
            stream.FlagsUrgent = true;
            MakeReady(stream);
        }
    }

    /// <summary>The writer queued bytes.</summary>
    internal void OnQueued(StreamState stream, int count)
    {
        if (stream.Closed || count == 0)
            return;
        if (stream.Unsent == 0)
            _unsentStreams++;
        stream.Unsent += count;
        MakeReady(stream);
    }

    /// <summary>The writer took back bytes that were not sent.</summary>
    internal void OnUnqueued(StreamState stream, int count)
    {
        if (stream.Closed || count == 0)
            return;
        stream.Unsent -= count;
        if (stream.Unsent == 0)
            _unsentStreams--;
        MakeReady(stream);
    }

    /// <summary>Closes our side behind what is queued.</summary>
    internal void CloseWrite(StreamState stream)
    {
        if (stream.Closed || stream.FinDue)
            return;
        stream.FinDue = true;
        MakeReady(stream);
    }

    /// <summary>Ends both directions; what is queued is forgotten.</summary>
    /// <returns>False when the stream was over already.</returns>
    internal bool Reset(StreamState stream, uint code)
    {
        if (stream.Closed)
            return false;

        // A stream whose opening never left is unknown to the peer: there is nobody to tell.
        if (!stream.SynDue)
            stream.ResetDue = code;
        Remove(stream);
        MakeReady(stream);
        return true;
    }

    /// <summary>The application gave up reading; the peer may finish until the deadline.</summary>
    internal void Abandon(StreamState stream, long now, long linger)
    {
        if (stream.Closed || stream.Abandoned)
            return;
        stream.Abandoned = true;
        stream.LingersUntil = now + linger;
        stream.Buffered = 0;
        stream.CreditDue = false;
        ResetWhenStuck(stream);
    }

    /// <summary>The session is over: every stream leaves it, and nothing but a goodbye is sent any more.</summary>
    internal void CloseAll()
    {
        foreach (var stream in _streams.Values)
            stream.Closed = true;
        _streams.Clear();
        _answers.Clear();
        _readyHead = _readyTail = null;
        _pingQueued = false;
        _incoming = _outgoing = _unsentStreams = 0;
        _budget.Shrink(_windowGrowth);
        _windowGrowth = 0;
    }

    /// <summary>Takes a stream out of the session.</summary>
    private void Remove(StreamState stream)
    {
        if (!_streams.Remove(stream.Id))
            return;
        stream.Closed = true;
        if (stream.Outbound)
            _outgoing--;
        else
            _incoming--;
        Acknowledge(stream);
        if (stream.Unsent > 0)
            _unsentStreams--;
        _windowGrowth -= stream.Window - YamuxOptions.InitialWindow;
        _budget.Shrink(stream.Window - YamuxOptions.InitialWindow);

        // What the peer had been granted may still be on its way.
        if (!stream.FinReceived)
            _unknownAllowance += Math.Max(0, stream.Granted);
    }

    /// <summary>
    /// Nobody reads, nothing more is granted, and the peer is not done: without a reset its writer would wait until we
    /// stop lingering. What we still have to say goes first.
    /// </summary>
    private void ResetWhenStuck(StreamState stream)
    {
        if (stream is { Abandoned: true, FinSent: true, FinReceived: false, Granted: 0 })
            Reset(stream, 0);
    }

    private void RemoveWhenOver(StreamState stream)
    {
        if (!stream.FinSent || !stream.FinReceived)
            return;
        if (!stream.Outbound)
            _flood.EarnStream();
        Remove(stream);
    }

    private bool Acknowledge(StreamState stream)
    {
        if (stream.Acked)
            return false;
        stream.Acked = true;
        _unacknowledged--;
        return true;
    }

    private void MakeReady(StreamState stream)
    {
        if (stream.IsQueued || !stream.HasWork)
            return;
        stream.IsQueued = true;
        if (_readyTail is null)
            _readyHead = stream;
        else
            _readyTail.NextReady = stream;
        _readyTail = stream;
    }

    private StreamState? TakeReady()
    {
        var stream = _readyHead;
        if (stream is null)
            return null;
        _readyHead = stream.NextReady;
        if (_readyHead is null)
            _readyTail = null;
        stream.NextReady = null;
        stream.IsQueued = false;
        return stream;
    }
}
