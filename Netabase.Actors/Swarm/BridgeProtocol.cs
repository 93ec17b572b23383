using Akka.Actor;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Transport.Network;

namespace Netabase.Actors.Swarm;

/// <summary>What passes between the bridge and the actors. Messages alone: bytes stay on one side, references to actors on the other.</summary>
internal static class BridgeProtocol
{
    /// <summary>Asks a peer something; the sender hears <see cref="Answered"/> or <see cref="Failed"/>.</summary>
    /// <param name="Query">Comes back with the answer.</param>
    /// <param name="To">Whom; its addresses are tried beside those known.</param>
    /// <param name="Request">What.</param>
    public sealed record Send(OpId Query, KademliaPeer To, KademliaRequest Request) : INoSerializationVerificationNeeded;

    /// <summary>A peer answered; its record, if it sent one, was judged by nobody yet.</summary>
    public sealed record Answered(OpId Query, KademliaPeer From, KademliaAnswer Answer) : INoSerializationVerificationNeeded;

    /// <summary>A peer did not answer.</summary>
    /// <param name="Query">Which query's request it was.</param>
    /// <param name="From">Whom it was sent to.</param>
    /// <param name="IsGone">Whether the peer is not to be reached, as opposed to having refused or being busy.</param>
    public sealed record Failed(OpId Query, KademliaPeer From, bool IsGone) : INoSerializationVerificationNeeded;

    /// <summary>Something happened on the network.</summary>
    public sealed record Happened(NetworkEvent Event) : INoSerializationVerificationNeeded;

    /// <summary>The network's events have ended.</summary>
    public sealed class EventsEnded : INoSerializationVerificationNeeded
    {
        public static readonly EventsEnded Instance = new();
    }

    /// <summary>Says again who is connected and what they answer.</summary>
    public sealed class LookAgain : INoSerializationVerificationNeeded
    {
        public static readonly LookAgain Instance = new();
    }

    /// <summary>A bridge has begun: what was asked of its predecessor and not answered may be asked of it.</summary>
    public sealed record BridgeIsUp(IActorRef Bridge) : INoSerializationVerificationNeeded;

    /// <summary>A peer answers the DHT's protocol, at these addresses.</summary>
    public sealed record ServerFound(KademliaPeer Peer) : INoSerializationVerificationNeeded;

    /// <summary>A peer answers the DHT's protocol no longer.</summary>
    public sealed record ServerLost(PeerId Peer) : INoSerializationVerificationNeeded;
}
