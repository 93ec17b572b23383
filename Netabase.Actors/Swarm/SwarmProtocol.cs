using Akka.Actor;
using Netabase.Multiformats;

namespace Netabase.Actors.Swarm;

/// <summary>What the application may want of the swarm.</summary>
internal abstract record SwarmCommand : NetworkCommand
{
    private SwarmCommand()
    {
    }

    /// <summary>Join the network.</summary>
    public sealed record Start : SwarmCommand;

    /// <summary>Leave it, after what is under way has ended.</summary>
    public sealed record Stop : SwarmCommand;

    /// <summary>Take part in another way.</summary>
    public sealed record SetMode(NetworkMode Mode) : SwarmCommand;
}

/// <summary>What the swarm hears from its own work and from the bridge. Local to the process.</summary>
internal static class SwarmProtocol
{
    /// <summary>A command's work has ended, well or not.</summary>
    public sealed record WorkEnded(PendingCommand Command, Exception? Failure) : INoSerializationVerificationNeeded;

    /// <summary>A bootstrap peer is to be dialed.</summary>
    public sealed record DialDue(PeerId Peer) : INoSerializationVerificationNeeded;

    /// <summary>The dial of a bootstrap peer has ended.</summary>
    public sealed record Dialed(PeerId Peer, Exception? Failure) : INoSerializationVerificationNeeded;

    /// <summary>The last connection to a peer is over.</summary>
    public sealed record PeerLost(PeerId Peer) : INoSerializationVerificationNeeded;

    /// <summary>Others see us at other addresses than before.</summary>
    public sealed class ExternalAddressesChanged : INoSerializationVerificationNeeded
    {
        public static readonly ExternalAddressesChanged Instance = new();
    }

    /// <summary>The bridge has ended and is to start again.</summary>
    public sealed class ReviveBridge : INoSerializationVerificationNeeded
    {
        public static readonly ReviveBridge Instance = new();
    }
}
