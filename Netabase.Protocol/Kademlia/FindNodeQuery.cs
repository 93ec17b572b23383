using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>Finds the peers nearest to a place: the ground under every put, every announcement, and bootstrap.</summary>
/// <param name="key">The bytes whose SHA-256 is the place.</param>
/// <param name="lookup">A lookup for that place.</param>
public sealed class FindNodeQuery(Payload key, Lookup lookup) : IKademliaQuery
{
    private readonly KademliaRequest _request = new KademliaRequest.FindNode(key);

    /// <inheritdoc/>
    public QueryProgress Progress => new(lookup.Asked, lookup.Answered, lookup.Failed, lookup.Hops, Found: 0);

    /// <summary>The nearest peers that answered, nearest first.</summary>
    public ImmutableArray<KademliaPeer> Closest(int count) => lookup.Closest(count);

    /// <inheritdoc/>
    public QueryStep Next(long now) => lookup.Next(now).Asking(_request);

    /// <inheritdoc/>
    public void OnAnswer(PeerId from, KademliaAnswer answer, long now) => lookup.OnAnswer(from, answer.Closer);

    /// <inheritdoc/>
    public void OnFailure(PeerId from, long now) => lookup.OnFailure(from);
}

/// <summary>Turns a lookup's step into a query's.</summary>
internal static class LookupSteps
{
    private static readonly QueryStep Done = new QueryStep.Done();

    public static QueryStep Asking(this LookupStep step, KademliaRequest request) => step switch
    {
        LookupStep.Ask ask => new QueryStep.Send(ask.Peer, request),
        LookupStep.Wait wait => new QueryStep.Wait(wait.Until),
        _ => Done,
    };
}
