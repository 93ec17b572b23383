using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>What a query wants its owner to do.</summary>
public abstract record QueryStep
{
    private QueryStep()
    {
    }

    /// <summary>Send this and report the answer or the failure; an <see cref="KademliaRequest.AddProvider"/> is answered by having been sent.</summary>
    public sealed record Send(KademliaPeer To, KademliaRequest Request) : QueryStep;

    /// <summary>Nothing now; look again when a report comes, or at that time.</summary>
    public sealed record Wait(long Until) : QueryStep;

    /// <summary>It is over; its result can be read.</summary>
    public sealed record Done : QueryStep;
}

/// <summary>How far a query has come.</summary>
/// <param name="Asked">Peers asked.</param>
/// <param name="Answered">Peers that answered.</param>
/// <param name="Failed">Peers that failed, refused, or were silent over their time.</param>
/// <param name="Hops">The longest chain of introductions that led to a peer that answered.</param>
/// <param name="Found">Records, providers, or copies stored, by the kind of query.</param>
public sealed record QueryProgress(int Asked, int Answered, int Failed, int Hops, int Found);

/// <summary>
/// One operation over the DHT, driven by its owner: call <see cref="Next"/> until it waits or is done, report every answer and every
/// failure. The owner's deadline ends it early: the result then is what was found so far.
/// </summary>
public interface IKademliaQuery
{
    /// <summary>How far it has come, to be told to whoever watches.</summary>
    QueryProgress Progress { get; }

    /// <summary>What to do next, at this time.</summary>
    QueryStep Next(long now);

    /// <summary>A peer answered a request of this query.</summary>
    void OnAnswer(PeerId from, KademliaAnswer answer, long now);

    /// <summary>A peer refused, failed or could not be reached.</summary>
    void OnFailure(PeerId from, long now);
}
