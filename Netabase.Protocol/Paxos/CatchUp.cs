namespace Netabase.Protocol.Paxos;

/// <summary>
/// Sends others what they lack, chunk after chunk without being asked for each, and a snapshot where the log does not reach back so
/// far; fetches a snapshot that is offered here. A snapshot stands in for the slots it covers and for nothing else (D1).
/// </summary>
/// <remarks>
/// Whoever is behind is told of by the leader's proposer (<see cref="PaxosInput.Behind"/>) or says so itself (<see cref="PaxosMessage.Fetch"/>):
/// both begin the same session, and one that is under way is not begun twice.
/// </remarks>
public sealed class CatchUp : IPaxosCore
{
    private const int SessionsMax = 64;

    private readonly NodeId _self;
    private readonly PaxosSettings _settings;
    private readonly Work _work = new();
    private readonly ChosenLog _log;
    private readonly SortedDictionary<NodeId, CatchUpSession> _sessions = [];
    private Membership? _membership;
    private Slot _chosen;
    private Slot _applied;
    private SnapshotInfo? _made;
    private long? _makingUntil;
    private SnapshotFetch? _fetch;

    /// <summary>A new life.</summary>
    /// <param name="self">This node.</param>
    /// <param name="settings">Times and bounds.</param>
    public CatchUp(NodeId self, PaxosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _self = self;
        _settings = settings;
        _log = new ChosenLog(settings.LogBytesMax);
    }

    /// <inheritdoc/>
    public Ready Step(PaxosInput input, long now)
    {
        switch (input)
        {
            case PaxosInput.Received { Message: PaxosMessage.Fetch fetch } received:
                OnFetch(received.From, fetch.From, now);
                break;
            case PaxosInput.Received { Message: PaxosMessage.Caught caught } received:
                OnCaught(received.From, caught.Through, now);
                break;
            case PaxosInput.Received received:
                OnSnapshotMessage(received.From, received.Message, now);
                break;
            case PaxosInput.Behind behind when behind.Node != _self && behind.ChosenThrough < _log.End.Previous:
                Begin(behind.Node, behind.ChosenThrough, now);
                break;
            case PaxosInput.Delivered delivered:
                _log.Add(delivered.First, delivered.Batches);
                break;
            case PaxosInput.Advanced advanced:
                _membership = advanced.Membership;
                _chosen = Slot.Max(_chosen, advanced.ChosenThrough);
                _applied = Slot.Max(_applied, advanced.AppliedThrough);
                _log.SkipTo(_applied.Next);
                break;
            case PaxosInput.SnapshotMade made:
                OnMade(made.Snapshot);
                break;
            case PaxosInput.ChunkRead read:
                OnRead(read, now);
                break;
            case PaxosInput.ChunkWritten written when written.Id == _fetch?.Snapshot.Id:
                _fetch.Written(written.Through, now);
                break;
            case PaxosInput.SnapshotInstalled installed:
                OnInstalled(installed.State.Through);
                break;
            case PaxosInput.SnapshotBroken broken when broken.Id == _fetch?.Snapshot.Id:
                _work.Say(new PaxosEvent.Dropped(_fetch.Source, "its snapshot is not what it offered"));
                _fetch = null;
                break;
            case PaxosInput.PartStarted { Part: Part.Acceptor } started:
                Deliver(started.From);
                break;
            case PaxosInput.Started:
                _work.Tell(Part.Acceptor, new PaxosInput.PartStarted(Part.CatchUp, Slot.None));
                _work.Tell(Part.Learner, new PaxosInput.PartStarted(Part.CatchUp, Slot.None));
                break;
        }

        Pump(now);
        return _work.Take(WakeAt());
    }

    /// <summary>Slots that a member may be sent beyond those it has acknowledged; its learner acknowledges no more than it has room for.</summary>
    internal static int Credit(PaxosSettings settings) => Math.Max(1, settings.AheadMax / 2);

    private void OnFetch(NodeId from, Slot first, long now)
    {
        if (!IsMember(from))
        {
            _work.Say(new PaxosEvent.Dropped(from, "it is no member"));
        }
        else if (first >= _log.End)
        {
            _work.Send(from, new PaxosMessage.Commit(first, [], _log.End.Previous, _log.First));
        }
        else
        {
            Begin(from, first.Previous, now);
        }
    }

    private void Begin(NodeId node, Slot known, long now)
    {
        if (_sessions.TryGetValue(node, out var session))
        {
            // A member that lost what it had acknowledged, to a crash or to a state put back, begins anew.
            if (known >= session.Known)
            {
                session.Caught(known, now);
                return;
            }
        }

        if (session is not null || _sessions.Count < SessionsMax)
        {
            _sessions[node] = new CatchUpSession(node, known, _settings, now);
        }
    }

    private void OnCaught(NodeId from, Slot through, long now)
    {
        if (_sessions.TryGetValue(from, out var session))
        {
            session.Caught(through, now);
        }
    }

    private void OnSnapshotMessage(NodeId from, PaxosMessage message, long now)
    {
        switch (message)
        {
            case PaxosMessage.SnapshotOffer offer:
                OnOffer(from, offer.Snapshot, now);
                break;
            case PaxosMessage.SnapshotRequest request:
                OnRequest(from, request, now);
                break;
            case PaxosMessage.SnapshotChunk chunk when chunk.Id == _fetch?.Snapshot.Id:
                if (_fetch.Arrived(from, chunk, now) is { } wrong)
                {
                    _work.Say(new PaxosEvent.Dropped(from, wrong));
                }

                break;
        }
    }

    private void OnOffer(NodeId from, SnapshotInfo snapshot, long now)
    {
        if (snapshot.Through <= _applied)
        {
            _work.Send(from, new PaxosMessage.Caught(_chosen));
        }
        else if (_fetch is { IsOver: false } fetch)
        {
            if (fetch.Snapshot.Id == snapshot.Id)
            {
                fetch.Offered(from);
            }
        }
        else if (snapshot.Size > 0)
        {
            _fetch = new SnapshotFetch(snapshot, from, _settings, _work, now);
            _fetch.Begin();
        }
    }

    private void OnRequest(NodeId from, PaxosMessage.SnapshotRequest request, long now)
    {
        if (!_sessions.TryGetValue(from, out var session) || session.Offered is not { } offered || offered.Id != request.Id
            || session.Reading >= 2 * _settings.ChunksInFlight
            || request.Offset < 0 || request.Offset >= offered.Size || request.Length <= 0)
        {
            return;
        }

        session.Alive(now);
        session.Reading++;
        _work.Do(new Duty.ReadChunk(from, request.Id, request.Offset, Math.Min(request.Length, _settings.ChunkBytes)));
    }

    private void OnRead(PaxosInput.ChunkRead read, long now)
    {
        if (!_sessions.TryGetValue(read.For, out var session) || session.Offered?.Id != read.Id)
        {
            return;
        }

        session.Reading = Math.Max(0, session.Reading - 1);
        if (read.Bytes.IsEmpty)
        {
            // The snapshot is gone, for a newer one: offer that.
            session.Offered = null;
            _made = _made?.Id == read.Id ? null : _made;
            return;
        }

        session.Alive(now);
        _work.Send(read.For, new PaxosMessage.SnapshotChunk(read.Id, read.Offset, read.Bytes, Digest.Of(read.Bytes.Span)));
    }

    private void OnMade(SnapshotInfo snapshot)
    {
        _made = snapshot;

        // One that is too old helps nobody, and to ask at once would make the same again: it waits its time.
        if (snapshot.Through >= _log.First.Previous)
        {
            _makingUntil = null;
        }
    }

    private void OnInstalled(Slot through)
    {
        if (_fetch is { } fetch && fetch.Snapshot.Through <= through)
        {
            _work.Send(fetch.Source, new PaxosMessage.Caught(through));
            _fetch = null;
        }

        _applied = Slot.Max(_applied, through);
        _chosen = Slot.Max(_chosen, through);
        _log.SkipTo(through.Next);
    }

    /// <summary>An acceptor in a new life knows less than it did of which of its votes were chosen.</summary>
    private void Deliver(Slot from)
    {
        var first = Slot.Max(from, _log.First);
        var batches = _log.Chunk(first, long.MaxValue, long.MaxValue);
        if (!batches.IsEmpty)
        {
            _work.Tell(Part.Acceptor, new PaxosInput.Delivered(first, batches));
        }
    }

    private void Pump(long now)
    {
        if (_fetch is { } fetch && now >= fetch.At)
        {
            fetch.Again(now);
        }

        foreach (var session in _sessions.Values.ToArray())
        {
            if (session.Known.Next >= _log.End)
            {
                _sessions.Remove(session.Node);
                continue;
            }

            if (now >= session.At)
            {
                session.Again(now);
                if (session.Offered is { } offered && !session.IsOver)
                {
                    _work.Send(session.Node, new PaxosMessage.SnapshotOffer(offered));
                }
            }

            if (session.IsOver || !IsMember(session.Node))
            {
                _sessions.Remove(session.Node);
            }
            else if (session.Known.Next < _log.First)
            {
                Offer(session, now);
            }
            else
            {
                session.Offered = null;
                Push(session);
            }
        }
    }

    private void Push(CatchUpSession session)
    {
        while (session.Room is > 0 and var room)
        {
            var chunk = _log.Chunk(session.Next, _settings.ChunkBytes, room);
            if (chunk.IsEmpty)
            {
                break;
            }

            _work.Send(session.Node, new PaxosMessage.Commit(session.Next, chunk, _log.End.Previous, _log.First));
            session.Sent(chunk.Length);
        }
    }

    private void Offer(CatchUpSession session, long now)
    {
        if (session.Offered is not null)
        {
            return;
        }

        if (_made is { } made && made.Through >= _log.First.Previous)
        {
            session.Offered = made;
            _work.Send(session.Node, new PaxosMessage.SnapshotOffer(made));
            _work.Say(new PaxosEvent.SnapshotSending(session.Node, made));
        }
        else if (_applied >= _log.First.Previous && !(now < _makingUntil))
        {
            _makingUntil = now + (8 * _settings.ElectionTimeout);
            _work.Do(new Duty.OfferSnapshot(_log.First.Previous));
        }
    }

    private bool IsMember(NodeId node)
    {
        if (_membership is null)
        {
            return false;
        }

        foreach (var member in _membership.MembersFrom(_chosen.Next))
        {
            if (member.Node == node)
            {
                return true;
            }
        }

        return false;
    }

    private long? WakeAt()
    {
        long? at = _fetch?.At;
        foreach (var session in _sessions.Values)
        {
            at = at is null ? session.At : Math.Min(at.Value, session.At);
        }

        return at;
    }
}
