using System.Collections.Immutable;
using Netabase.Actors.Node;
using Netabase.Persistence;

namespace Netabase.Actors.Stores;

/// <summary>Writes that go to disk in one commit: stamped by the node's clock in their order, each answered with its own outcome.</summary>
internal sealed class CommitGroup : StoreWork
{
    private readonly NodeParts _parts;
    private readonly List<PendingWrite> _writes;
    private readonly List<StoreBatch> _batches;
    private readonly Task<ImmutableArray<BatchOutcome>> _done;
    private readonly long? _reservation;
    private List<PendingWrite> _unharmed = [];

    public CommitGroup(NodeParts parts, List<PendingWrite> writes)
    {
        _parts = parts;
        _writes = writes;
        _batches = new List<StoreBatch>(writes.Count + 1);
        var now = parts.Now();
        if (parts.Clock.Reservation(now, out var until) is { } reservation)
        {
            _reservation = until;
            _batches.Add(reservation);
        }

        foreach (var write in writes)
        {
            _batches.Add(Stamp(write.Batch, parts.Clock, now));
        }

        _done = CommitAsync(parts.Store, _batches, now);
    }

    public override Task Done => _done;

    public override List<PendingWrite> Unharmed => _unharmed;

    public override void Finish()
    {
        if (!_done.IsCompletedSuccessfully)
        {
            Fail(_done.Exception?.InnerException ?? new TaskCanceledException(_done));
            return;
        }

        var outcomes = _done.Result;
        var skipped = outcomes.Length - _writes.Count;
        if (_reservation is { } until)
        {
            _parts.Clock.Confirm(until);
        }

        NodeMetrics.CountCommit(_writes.Count);

        // Events before answers: who has its answer and then looks finds the event on its way already.
        if (_parts.Announcer.HasAudience)
        {
            _parts.Announcer.Announce(StoreEvents.Of(_parts, _batches, outcomes, _parts.Now()));
        }

        for (var i = 0; i < _writes.Count; i++)
        {
            _writes[i].Answer(ToAnswer(_writes[i].Op, _batches[i + skipped], outcomes[i + skipped]));
        }
    }

    private void Fail(Exception failure)
    {
        if (failure is StoreException { Error: StoreError.Damaged, Model: { } damaged })
        {
            _unharmed = _writes.FindAll(write => !Touches(write.Batch, damaged) && !write.IsAnswered);
        }

        foreach (var write in _writes.Except(_unharmed))
        {
            write.Answer(StoreFailures.ReasonOf(failure) switch
            {
                RefusalReason.StoreBusy => new StoreProtocol.Answer.Busy(write.Op),
                { } reason => new StoreProtocol.Answer.Refused(write.Op, reason, failure.Message),
                null => new StoreProtocol.Answer.TimedOut(write.Op),
            });
        }

        StoreFailures.ThrowIfDamaged(failure);
        if (failure is not StoreException)
        {
            throw new InvalidOperationException("The store failed in a way that is not its own.", failure);
        }
    }

    private static bool Touches(StoreBatch batch, int model) =>
        batch.Writes.Any(write => write.Touches == model) || batch.Conditions.Any(condition => condition.Model == model);

    private static StoreProtocol.Answer ToAnswer(OpId op, StoreBatch batch, BatchOutcome outcome) => outcome switch
    {
        BatchOutcome.Written written => new StoreProtocol.Answer.Written(op, LastPut(batch), written.Writes),
        BatchOutcome.ConditionFailed => new StoreProtocol.Answer.Refused(op, RefusalReason.Conflict, "A record was changed by another since it was read."),
        BatchOutcome.TooLarge large => new StoreProtocol.Answer.Refused(op, large.Reason, large.Detail),
        _ => throw new InvalidOperationException($"Unknown outcome {outcome}."),
    };

    private static RecordMetadata? LastPut(StoreBatch batch)
    {
        for (var i = batch.Writes.Length - 1; i >= 0; i--)
        {
            if (batch.Writes[i] is StoreWrite.Put put)
            {
                return put.Metadata;
            }
        }

        return null;
    }

    private static StoreBatch Stamp(StoreBatch batch, NodeClock clock, long now)
    {
        if (batch.Writes is [StoreWrite.Put { Metadata.Clock.Value: 0 } only])
        {
            return batch with { Writes = [Stamp(only, clock, now)] };
        }

        return batch.Writes.Any(write => write is StoreWrite.Put { Metadata.Clock.Value: 0 } or StoreWrite.Bury { Metadata.Clock.Value: 0 })
            ? batch with { Writes = ImmutableArray.CreateRange(batch.Writes, write => Stamp(write, clock, now)) }
            : batch;
    }

    private static StoreWrite Stamp(StoreWrite write, NodeClock clock, long now) => write switch
    {
        StoreWrite.Put { Metadata.Clock.Value: 0 } put => put with { Metadata = put.Metadata with { Clock = clock.Next(now) } },
        StoreWrite.Bury { Metadata.Clock.Value: 0 } bury => bury with { Metadata = bury.Metadata with { Clock = clock.Next(now) } },
        _ => write,
    };

    private static async Task<ImmutableArray<BatchOutcome>> CommitAsync(IRecordStore store, List<StoreBatch> batches, long now) =>
        await store.CommitAsync(batches, now, CancellationToken.None).ConfigureAwait(false);
}
