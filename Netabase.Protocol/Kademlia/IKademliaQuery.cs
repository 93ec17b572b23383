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

/// <summary>
/// One operation over the DHT, driven by its owner: call <see cref="Next"/> until it waits or is done, report every answer and every
/// failure. The owner's deadline ends it early: the result then is what was found so far.
/// </summary>
public interface IKademliaQuery
{
    /// <summary>What to do next, at this time.</summary>
    QueryStep Next(long now);

    /// <summary>A peer answered a request of this query.</summary>
    void OnAnswer(PeerId from, KademliaAnswer answer, long now);

    /// <summary>A peer refused, failed or could not be reached.</summary>
    void OnFailure(PeerId from, long now);
}
