using System.Collections.Immutable;
using Akka.Actor;
using Netabase.Actors.Swarm;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Scheduling;

namespace Netabase.Actors.Kademlia;

/// <summary>What the application may want of the DHT.</summary>
internal abstract record KademliaCommand : NetworkCommand
{
    private KademliaCommand()
    {
    }

    /// <summary>Find a record.</summary>
    public sealed record Get(Payload Key) : KademliaCommand;

    /// <summary>Place a record, which is on this node's disk already.</summary>
    /// <param name="Record">The sealed record.</param>
    /// <param name="To">At these peers; default for those nearest to its key.</param>
    public sealed record Put(DhtRecord Record, ImmutableArray<PeerId> To = default) : KademliaCommand;

    /// <summary>Announce that this node provides a key, which is among those provided already.</summary>
    public sealed record Provide(Payload Key) : KademliaCommand;

    /// <summary>Find who provides a key.</summary>
    public sealed record FindProviders(Payload Key) : KademliaCommand;

    /// <summary>Find the peers nearest to a key.</summary>
    public sealed record FindNearest(Payload Key) : KademliaCommand;

    /// <summary>Look ourselves up and refresh the table.</summary>
    public sealed record Bootstrap : KademliaCommand;
}

/// <summary>What the DHT's actor hears from its own timers and work. Local to the process.</summary>
internal static class KademliaProtocol
{
    /// <summary>Some query has to be looked at, since its time or a peer's has come.</summary>
    public sealed class QueriesDue : INoSerializationVerificationNeeded
    {
        public static readonly QueriesDue Instance = new();
    }

    /// <summary>Peers that were lost are to be tried again.</summary>
    public sealed class RejoinDue : INoSerializationVerificationNeeded
    {
        public static readonly RejoinDue Instance = new();
    }

    /// <summary>Something of what the node does by itself may be due.</summary>
    public sealed class UpkeepDue : INoSerializationVerificationNeeded
    {
        public static readonly UpkeepDue Instance = new();
    }

    /// <summary>A record that is to be given again was read, or sealed anew.</summary>
    /// <param name="Step">What was due.</param>
    /// <param name="Record">The record; null when it is not to be given again.</param>
    public sealed record RecordReady(ScheduleStep Step, DhtRecord? Record) : INoSerializationVerificationNeeded;
}
