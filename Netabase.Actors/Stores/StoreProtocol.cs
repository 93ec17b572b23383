using System.Collections.Immutable;
using Akka.Actor;
using Netabase.Persistence;

namespace Netabase.Actors.Stores;

/// <summary>
/// What the writers of the stores hear and say. None of it is verified by serialization: it carries raw bytes and completions
/// between actors of one process, and never leaves it.
/// </summary>
public static class StoreProtocol
{
    /// <summary>Asks a model's writer to make a batch durable; it answers the sender with an <see cref="Answer"/>.</summary>
    /// <param name="Op">Comes back in the answer.</param>
    /// <param name="Batch">Writes to models of this writer alone; a clock of zero is stamped by the writer.</param>
    /// <param name="Timeout">How long the sender waits.</param>
    public sealed record Write(OpId Op, StoreBatch Batch, TimeSpan Timeout) : INoSerializationVerificationNeeded;

    /// <summary>What became of a write.</summary>
    /// <param name="Op">Which write.</param>
    public abstract record Answer(OpId Op) : INoSerializationVerificationNeeded
    {
        /// <summary>It is on disk.</summary>
        /// <param name="Op">Which write.</param>
        /// <param name="Last">The metadata of the last record put, stamped; null when none was put.</param>
        /// <param name="Rows">For each write of the batch how many live rows it replaced or removed.</param>
        public sealed record Written(OpId Op, RecordMetadata? Last, ImmutableArray<long> Rows) : Answer(Op);

        /// <summary>Nothing of it was written.</summary>
        public sealed record Refused(OpId Op, RefusalReason Reason, string Detail) : Answer(Op);

        /// <summary>Nothing of it was written: too much waits already.</summary>
        public sealed record Busy(OpId Op) : Answer(Op);

        /// <summary>Its time is over; it may have been written.</summary>
        public sealed record TimedOut(OpId Op) : Answer(Op);
    }

    /// <summary>Something waits in the lane.</summary>
    internal sealed class Wake : INoSerializationVerificationNeeded
    {
        public static readonly Wake Instance = new();
    }

    /// <summary>What the writer had given to the store has ended, well or not.</summary>
    internal sealed record WorkEnded(StoreWork Work) : INoSerializationVerificationNeeded;

    /// <summary>It is time to look for expired records.</summary>
    internal sealed class SweepDue : INoSerializationVerificationNeeded
    {
        public static readonly SweepDue Instance = new();
    }

    /// <summary>A model's writer holds still for a transaction over several models until the turn is returned to its lane.</summary>
    internal sealed record TurnGranted(OpId Op, int Model) : INoSerializationVerificationNeeded;
}

/// <summary>The store says that its data are not what was written: the model stops. The one failure of a writer that is not tried again.</summary>
public sealed class StoreDamagedException : Exception
{
    /// <summary>Damage, with a sentence that names the file.</summary>
    public StoreDamagedException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>The place of the one model that is damaged, or null where that cannot be known.</summary>
    public int? Model { get; init; }
}
