using Akka.Actor;
using Netabase.Persistence;

namespace Netabase.Actors.Stores;

/// <summary>
/// A write that waits for its answer, together with whom to tell. It is answered once, by whoever comes first: the writer,
/// the deadline, or the end of the node. Its continuation never runs on the answerer's thread.
/// </summary>
internal sealed class PendingWrite : TaskCompletionSource<StoreProtocol.Answer>
{
    private readonly IActorRef? _replyTo;

    public PendingWrite(OpId op, StoreBatch batch, int bytes, long deadline, IActorRef? replyTo = null)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Op = op;
        Batch = batch;
        Bytes = bytes;
        Deadline = deadline;
        _replyTo = replyTo;
    }

    public OpId Op { get; }

    public StoreBatch Batch { get; }

    /// <summary>Keys and values together, for the bound of a group.</summary>
    public int Bytes { get; }

    /// <summary>A timestamp of the node's time provider.</summary>
    public long Deadline { get; }

    public bool IsAnswered => Task.IsCompleted;

    public void Answer(StoreProtocol.Answer answer)
    {
        if (TrySetResult(answer))
        {
            NodeMetrics.Count(answer);
            _replyTo?.Tell(answer);
        }
    }

    /// <summary>Keys and values of a batch.</summary>
    public static int SizeOf(StoreBatch batch)
    {
        long size = 0;
        foreach (var write in batch.Writes)
        {
            size += write switch
            {
                StoreWrite.Put put => put.Key.Length + put.Value.Length,
                StoreWrite.Remove remove => remove.Key.Length,
                StoreWrite.Bury bury => bury.Key.Length,
                StoreWrite.SetMark mark => mark.Value?.Length ?? 0,
                _ => 0,
            };
        }

        return (int)Math.Min(size, int.MaxValue);
    }
}
