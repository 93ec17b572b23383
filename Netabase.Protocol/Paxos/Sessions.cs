using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>What is known of a command before it is applied.</summary>
public enum SessionVerdict
{
    /// <summary>Not applied yet: apply it, then <see cref="Sessions.Record"/>.</summary>
    Fresh,

    /// <summary>Applied before; the outcome is remembered.</summary>
    Repeated,

    /// <summary>Too old to be told apart from one that was applied: never applied now, answered with <see cref="CommandAnswer.Unknown"/>.</summary>
    Forgotten,
}

/// <summary>
/// Which commands have had their effect. Part of the replicated state and of its snapshots, so that every node judges alike; it
/// is moved only by what the log says, time included.
/// </summary>
/// <remarks>
/// A client's id begins with the time it was drawn (<see cref="ClientId.Born"/>). A session that is forgotten leaves its birth
/// behind as a mark, and an unknown client born before the mark, or more than an expiry ago, is refused: a late retry finds no
/// session and still cannot be applied twice.
/// </remarks>
public sealed class Sessions
{
    private readonly Dictionary<ClientId, Session> _sessions = [];
    private readonly LinkedList<Session> _bySilence = new();
    private readonly HashSet<ClientId> _changed = [];
    private readonly long _expiry;
    private readonly int _sessionsMax;
    private readonly int _outcomesMax;
    private long _forgottenBorn = long.MinValue;
    private ulong _touches;

    /// <summary>No sessions.</summary>
    public Sessions(PaxosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _expiry = settings.SessionExpiry;
        _sessionsMax = settings.SessionsMax;
        _outcomesMax = settings.SessionOutcomesMax;
    }

    /// <summary>Sessions remembered.</summary>
    public int Count => _sessions.Count;

    /// <summary>The latest time of the log, unix milliseconds; it never runs backwards, whoever leads.</summary>
    public long Clock { get; private set; } = long.MinValue;

    /// <summary>Takes a batch's stamp, and forgets who has been silent for an expiry.</summary>
    public void Advance(long stampedAt)
    {
        Clock = Math.Max(Clock, stampedAt);
        while (_bySilence.First is { } oldest && (oldest.Value.SeenAt < Clock - _expiry || _sessions.Count > _sessionsMax))
        {
            Forget(oldest.Value);
        }
    }

    /// <summary>Judges a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="slot">Where it was applied, when repeated.</param>
    /// <param name="outcome">What came of it, when repeated.</param>
    public SessionVerdict Judge(in Command command, out Slot slot, out Payload outcome)
    {
        slot = Slot.None;
        outcome = Payload.Empty;
        if (!_sessions.TryGetValue(command.Id.Client, out var session))
        {
            var born = command.Id.Client.Born;
            return born <= _forgottenBorn || born < Clock - _expiry || born > Clock + _expiry
                ? SessionVerdict.Forgotten
                : SessionVerdict.Fresh;
        }

        if (session.Outcomes.TryGet(command.Id.Sequence, out slot, out outcome))
        {
            return SessionVerdict.Repeated;
        }

        return command.Id.Sequence < session.AnsweredBelow ? SessionVerdict.Forgotten : SessionVerdict.Fresh;
    }

    /// <summary>Remembers what came of a fresh command.</summary>
    public void Record(in Command command, Slot slot, Payload outcome)
    {
        if (!_sessions.TryGetValue(command.Id.Client, out var session))
        {
            session = new Session(command.Id.Client);
            _sessions.Add(command.Id.Client, session);
            session.Place = _bySilence.AddLast(session);
        }
        else
        {
            _bySilence.Remove(session.Place!);
            _bySilence.AddLast(session.Place!);
        }

        session.SeenAt = Clock;
        session.Touch = ++_touches;
        PaxosInvariantException.Demand(session.Outcomes.TryAdd(command.Id.Sequence, slot, outcome), "a command has one outcome");
        session.Answered(command.AnsweredBelow, _outcomesMax);
        _changed.Add(session.Client);
    }

    /// <summary>The sessions that changed since the last call: bytes, or null for one forgotten. For a store that keeps them row by row.</summary>
    public ImmutableArray<KeyValuePair<ClientId, Payload?>> TakeChanges()
    {
        var changes = ImmutableArray.CreateBuilder<KeyValuePair<ClientId, Payload?>>(_changed.Count);
        foreach (var client in _changed)
        {
            changes.Add(new(client, _sessions.TryGetValue(client, out var session) ? session.Write() : null));
        }

        _changed.Clear();
        return changes.MoveToImmutable();
    }

    /// <summary>Clock and mark: what a store keeps beside the rows.</summary>
    public Payload WriteHeader()
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Clock);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), _forgottenBorn);
        return new Payload(bytes);
    }

    /// <summary>Every session, the one silent longest first: rows for a snapshot.</summary>
    public ImmutableArray<Payload> WriteRows()
    {
        var rows = ImmutableArray.CreateBuilder<Payload>(_sessions.Count);
        foreach (var session in _bySilence)
        {
            rows.Add(session.Write());
        }

        return rows.MoveToImmutable();
    }

    /// <summary>From a header and rows in any order; false when the bytes are none.</summary>
    public static bool TryRead(PaxosSettings settings, Payload header, IEnumerable<Payload> rows, out Sessions? sessions)
    {
        ArgumentNullException.ThrowIfNull(rows);
        sessions = null;
        var read = new Sessions(settings);
        var fields = new FieldReader(header);
        read.Clock = fields.Int64();
        read._forgottenBorn = fields.Int64();
        if (fields.Failed)
        {
            return false;
        }

        var all = new List<Session>();
        foreach (var row in rows)
        {
            if (Session.Read(row) is not { } session || !read._sessions.TryAdd(session.Client, session))
            {
                return false;
            }

            all.Add(session);
        }

        all.Sort(static (a, b) => a.Touch.CompareTo(b.Touch));
        foreach (var session in all)
        {
            session.Place = read._bySilence.AddLast(session);
            read._touches = session.Touch;
        }

        sessions = read;
        return true;
    }

    private void Forget(Session session)
    {
        _sessions.Remove(session.Client);
        _bySilence.Remove(session.Place!);
        _forgottenBorn = Math.Max(_forgottenBorn, session.Client.Born);
        _changed.Add(session.Client);
    }

    private sealed class Session(ClientId client)
    {
        public ClientId Client { get; } = client;

        public long SeenAt { get; set; }

        public ulong AnsweredBelow { get; private set; }

        public SessionOutcomes Outcomes { get; } = new();

        public LinkedListNode<Session>? Place { get; set; }

        /// <summary>Counted up with every command of any session: who was silent longest has the lowest, on every node alike.</summary>
        public ulong Touch { get; set; }

        public void Answered(ulong below, int outcomesMax)
        {
            AnsweredBelow = Math.Max(AnsweredBelow, below);
            while (Outcomes.Count > 0 && (Outcomes.Lowest < AnsweredBelow || Outcomes.Count > outcomesMax))
            {
                AnsweredBelow = Math.Max(AnsweredBelow, Outcomes.Lowest + 1);
                Outcomes.RemoveLowest();
            }
        }

        public Payload Write()
        {
            var size = 44;
            foreach (var (_, _, outcome) in Outcomes.InOrder)
            {
                size += 20 + outcome.Length;
            }

            var bytes = new byte[size];
            BinaryPrimitives.WriteUInt128LittleEndian(bytes, Client.Value);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), SeenAt);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), AnsweredBelow);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), Touch);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), Outcomes.Count);
            var at = bytes.AsSpan(44);
            foreach (var (sequence, slot, outcome) in Outcomes.InOrder)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(at, sequence);
                BinaryPrimitives.WriteUInt64LittleEndian(at[8..], slot.Number);
                BinaryPrimitives.WriteInt32LittleEndian(at[16..], outcome.Length);
                outcome.Span.CopyTo(at[20..]);
                at = at[(20 + outcome.Length)..];
            }

            return new Payload(bytes);
        }

        public static Session? Read(Payload bytes)
        {
            var fields = new FieldReader(bytes);
            var session = new Session(new ClientId(fields.UInt128()))
            {
                SeenAt = fields.Int64(),
                AnsweredBelow = fields.UInt64(),
                Touch = fields.UInt64(),
            };
            var count = fields.Int32();
            var distinct = true;
            for (var i = 0; i < count && !fields.Failed; i++)
            {
                var sequence = fields.UInt64();
                var slot = new Slot(fields.UInt64());
                distinct &= session.Outcomes.TryAdd(sequence, slot, fields.Bytes());
            }

            return fields.Failed || !fields.AtEnd || !distinct ? null : session;
        }
    }
}
