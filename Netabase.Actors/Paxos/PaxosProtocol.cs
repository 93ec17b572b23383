using Akka.Actor;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos;

/// <summary>What the parts of a group hear and say.</summary>
internal static class PaxosProtocol
{
    /// <summary>An input of a part's core.</summary>
    /// <param name="Input">What happened.</param>
    /// <param name="Taken">Told once the core has taken it, so that a member's next message is read; null for what did not come from one.</param>
    public sealed record Step(PaxosInput Input, Action? Taken = null) : INoSerializationVerificationNeeded;

    /// <summary>A core's wish to be ticked is due.</summary>
    public sealed class WakeUp : INoSerializationVerificationNeeded
    {
        public static readonly WakeUp Instance = new();
    }

    /// <summary>The acceptor to its parent: the journal is read, and this is the disk's life.</summary>
    public sealed record AcceptorReady(NodeId Life) : INoSerializationVerificationNeeded;
}
