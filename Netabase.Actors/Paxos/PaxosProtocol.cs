using System.Collections.Immutable;
using Akka.Actor;
using Netabase.Actors.Paxos.Parts;
using Netabase.Persistence;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos;

/// <summary>What the parts of a group hear and say.</summary>
internal static class PaxosProtocol
{
    /// <summary>An input of a part's core.</summary>
    /// <param name="Input">What happened.</param>
    /// <param name="Door">Left once the core has taken it, so that another node's next message is read; null for what came from this one.</param>
    public sealed record Step(PaxosInput Input, PartDoor? Door) : INoSerializationVerificationNeeded;

    /// <summary>A core's wish to be ticked is due.</summary>
    public sealed class WakeUp : INoSerializationVerificationNeeded
    {
        public static readonly WakeUp Instance = new();
    }

    /// <summary>The acceptor to its parent: the journal is read, and this is the disk's life.</summary>
    public sealed record AcceptorReady(NodeId Life) : INoSerializationVerificationNeeded;

    /// <summary>The group must not go on: what it would say could be wrong.</summary>
    /// <param name="Why">A sentence for the operator.</param>
    public sealed record Halt(string Why) : INoSerializationVerificationNeeded;

    /// <summary>To the acceptor: which slots are held here? Answered with <see cref="Page"/>.</summary>
    /// <param name="From">The first.</param>
    /// <param name="Limit">At most so many.</param>
    /// <param name="Answer">Who waits.</param>
    public sealed record ReadLog(Slot From, int Limit, TaskCompletionSource<Page> Answer) : INoSerializationVerificationNeeded;

    /// <summary>Votes of the acceptor in slot order, and how far they are known to be chosen.</summary>
    public sealed record Page(IReadOnlyList<Vote> Votes, Slot ChosenThrough, Slot First) : INoSerializationVerificationNeeded;

    /// <summary>To the learner: what is applied through a slot has to be in the store, where a snapshot is made from.</summary>
    /// <param name="AtLeast">The slot; what is not applied is not waited for.</param>
    /// <param name="Done">Who waits.</param>
    public sealed record Keep(Slot AtLeast, TaskCompletionSource Done) : INoSerializationVerificationNeeded;

    /// <summary>To the learner: put this state in the place of what is there.</summary>
    /// <param name="Id">The snapshot.</param>
    /// <param name="State">Its bookkeeping.</param>
    /// <param name="Note">Its machine's note.</param>
    /// <param name="Writes">What brings the store there.</param>
    public sealed record Install(Digest Id, AppliedState State, Payload Note, ImmutableArray<StoreWrite> Writes) : INoSerializationVerificationNeeded;
}
