using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Netabase.Protocol.Paxos;

/// <summary>What a node keeps beside its state machine and moves in the same transaction; every snapshot carries it.</summary>
/// <param name="Through">The last slot applied.</param>
/// <param name="Chain">The hash over the applied prefix: batches and outcomes.</param>
/// <param name="Membership">Who governs after it.</param>
/// <param name="Sessions">What has had its effect.</param>
public sealed record AppliedState(Slot Through, Digest Chain, Membership Membership, Sessions Sessions)
{
    /// <summary>Before the first slot.</summary>
    public static AppliedState Founded(Membership membership, PaxosSettings settings) =>
        new(Slot.None, default, membership, new Sessions(settings));

    /// <summary>Everything but the sessions' rows: slot (8), chain (32), sessions' header (16), membership; little-endian.</summary>
    public Payload WriteHeader()
    {
        var membership = Membership.Write();
        var bytes = new byte[56 + membership.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Through.Number);
        Chain.Write(bytes.AsSpan(8));
        Sessions.WriteHeader().Span.CopyTo(bytes.AsSpan(40));
        membership.Span.CopyTo(bytes.AsSpan(56));
        return new Payload(bytes);
    }

    /// <summary>All of it, for a snapshot: the header with its length, then each session's row with its own.</summary>
    public Payload Write()
    {
        var header = WriteHeader();
#if NETABASE_MUTANT_SNAPSHOT_FORGETS_SESSIONS
        ImmutableArray<Payload> rows = [];
#else
        var rows = Sessions.WriteRows();
#endif
        var size = 8 + header.Length;
        foreach (var row in rows)
        {
            size += 4 + row.Length;
        }

        var bytes = new byte[size];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, header.Length);
        header.Span.CopyTo(bytes.AsSpan(4));
        var at = bytes.AsSpan(4 + header.Length);
        BinaryPrimitives.WriteInt32LittleEndian(at, rows.Length);
        at = at[4..];
        foreach (var row in rows)
        {
            BinaryPrimitives.WriteInt32LittleEndian(at, row.Length);
            row.Span.CopyTo(at[4..]);
            at = at[(4 + row.Length)..];
        }

        return new Payload(bytes);
    }

    /// <summary>From a snapshot's bytes; false when they are none.</summary>
    public static bool TryRead(PaxosSettings settings, Payload bytes, out AppliedState? state)
    {
        state = null;
        var fields = new FieldReader(bytes);
        var header = fields.Bytes();
        var count = fields.Int32();
        var rows = new List<Payload>();
        for (var i = 0; i < count && !fields.Failed; i++)
        {
            rows.Add(fields.Bytes());
        }

        return !fields.Failed && fields.AtEnd && TryRead(settings, header, rows, out state);
    }

    /// <summary>From a header and sessions' rows in any order; false when they are none.</summary>
    public static bool TryRead(PaxosSettings settings, Payload header, IEnumerable<Payload> rows, out AppliedState? state)
    {
        state = null;
        if (header.Length < 56
            || !Membership.TryRead(new Payload(header.Memory[56..]), out var membership)
            || !Sessions.TryRead(settings, new Payload(header.Memory.Slice(40, 16)), rows, out var sessions))
        {
            return false;
        }

        state = new AppliedState(
            new Slot(BinaryPrimitives.ReadUInt64LittleEndian(header.Span)), Digest.Read(header.Span[8..]), membership!, sessions!);
        return true;
    }
}

/// <summary>
/// Applies deliveries: the wrapper around every state machine, which never sees a command twice. The owner runs it inside the
/// transaction that moves the state, and throws it away with a transaction that fails.
/// </summary>
public sealed class Applier
{
    private readonly NodeSide _apply;

    /// <summary>Continues from what was applied.</summary>
    /// <param name="state">The bookkeeping as stored.</param>
    /// <param name="apply">The state machine.</param>
    public Applier(AppliedState state, NodeSide apply)
    {
        State = state;
        _apply = apply;
    }

    /// <summary>The state machine: applies a fresh command and returns its outcome; the same on every node.</summary>
    /// <param name="slot">Where the command stands.</param>
    /// <param name="clock">The log's time, unix milliseconds: the only time it may look at.</param>
    /// <param name="command">The command.</param>
    public delegate Payload NodeSide(Slot slot, long clock, in Command command);

    /// <summary>The bookkeeping after the last delivery; <see cref="Sessions.TakeChanges"/> says which rows moved.</summary>
    public AppliedState State { get; private set; }

    /// <summary>Applies the next slot.</summary>
    /// <exception cref="PaxosInvariantException">It is not the next.</exception>
    public ImmutableArray<AppliedCommand> Apply(in Delivery delivery)
    {
        PaxosInvariantException.Demand(delivery.Slot == State.Through.Next, "slots are applied in order, each once");
        var sessions = State.Sessions;
        var batch = delivery.Batch;
        sessions.Advance(batch.StampedAt);
        var membership = State.Membership.After(delivery.Slot, batch, out var taken);
        var answers = ImmutableArray.CreateBuilder<AppliedCommand>(batch.Count);
        using var chain = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(chain, State.Chain);
        Append(chain, batch.Digest);
        foreach (var command in batch.Commands)
        {
            CommandAnswer answer;
            switch (sessions.Judge(command, out var slot, out var outcome))
            {
                case SessionVerdict.Fresh:
                    outcome = batch.Kind == BatchKind.Change ? OutcomeOf(taken, membership) : _apply(delivery.Slot, sessions.Clock, command);
                    sessions.Record(command, delivery.Slot, outcome);
                    chain.AppendData(outcome.Span);
                    answer = AnswerOf(batch, command.Id, delivery.Slot, outcome);
                    break;
                case SessionVerdict.Repeated:
                    answer = AnswerOf(batch, command.Id, slot, outcome);
                    break;
                default:
                    answer = new CommandAnswer.Unknown(command.Id);
                    break;
            }

            answers.Add(new AppliedCommand(delivery.Slot, answer));
        }

        Span<byte> hash = stackalloc byte[Digest.Size];
        chain.GetHashAndReset(hash);
        State = new AppliedState(delivery.Slot, Digest.Read(hash), membership, sessions);
        return answers.MoveToImmutable();
    }

    private static void Append(IncrementalHash chain, Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        digest.Write(bytes);
        chain.AppendData(bytes);
    }

    private static Payload OutcomeOf(bool taken, Membership membership)
    {
        if (!taken)
        {
            return Payload.Empty;
        }

        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, membership.Newest.Id.Number);
        return new Payload(bytes);
    }

    private static CommandAnswer AnswerOf(Batch batch, CommandId id, Slot slot, Payload outcome) =>
        batch.Kind == BatchKind.Change && outcome.IsEmpty
            ? new CommandAnswer.NotCommitted(id, NotCommittedReason.Superseded)
            : new CommandAnswer.Applied(id, slot, outcome);
}
