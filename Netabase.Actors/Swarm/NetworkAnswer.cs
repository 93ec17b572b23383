using System.Collections.Immutable;
using Netabase.Protocol.Kademlia;

namespace Netabase.Actors.Swarm;

/// <summary>What became of a command to the network.</summary>
internal abstract record NetworkAnswer
{
    private NetworkAnswer()
    {
    }

    /// <summary>It is done, and there is nothing else to say.</summary>
    public sealed record Done : NetworkAnswer
    {
        public static readonly Done Instance = new();
    }

    /// <summary>Misuse: the swarm runs already.</summary>
    public sealed record RunsAlready : NetworkAnswer;

    /// <summary>It was tried and failed; a sentence says why.</summary>
    public sealed record Failed(string Detail, Exception? Cause) : NetworkAnswer;

    /// <summary>Not tried.</summary>
    public sealed record Refused(RefusalReason Reason, string Detail) : NetworkAnswer;

    /// <summary>Not tried: too much waits already.</summary>
    public sealed record Busy : NetworkAnswer;

    /// <summary>Its time was over before anything was found or done.</summary>
    public sealed record TimedOut : NetworkAnswer;

    /// <summary>What a search for a record came to.</summary>
    /// <param name="Best">The best record seen, or null.</param>
    /// <param name="Peers">Peers that answered.</param>
    /// <param name="InTime">False when the deadline ended it.</param>
    public sealed record Got(DhtRecord? Best, int Peers, bool InTime) : NetworkAnswer;

    /// <summary>What a put or an announcement came to.</summary>
    /// <param name="Peers">Peers that took it.</param>
    /// <param name="IsQuorum">Whether they are enough.</param>
    /// <param name="InTime">False when the deadline ended it.</param>
    public sealed record Placed(int Peers, bool IsQuorum, bool InTime) : NetworkAnswer;

    /// <summary>What a search for providers came to.</summary>
    public sealed record Provided(ImmutableArray<KademliaPeer> Providers, int Peers, bool InTime) : NetworkAnswer;

    /// <summary>What a search for the nearest peers came to, nearest first.</summary>
    public sealed record Nearest(ImmutableArray<KademliaPeer> Peers, bool InTime) : NetworkAnswer;

    /// <summary>What a bootstrap came to.</summary>
    /// <param name="Peers">Peers in the routing table now.</param>
    /// <param name="HadPeers">Whether there was anybody to begin with.</param>
    /// <param name="InTime">False when the deadline ended it.</param>
    public sealed record Bootstrapped(int Peers, bool HadPeers, bool InTime) : NetworkAnswer;
}
