using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>Finds who provides something: providers accumulate across all answers, each once, with all addresses told for it, up to a limit.</summary>
/// <param name="key">The key's bytes.</param>
/// <param name="lookup">A lookup for its place.</param>
/// <param name="limit">Providers after which it may end early.</param>
public sealed class ProvidersQuery(Payload key, Lookup lookup, int limit) : IKademliaQuery
{
    private const int AddressesMax = 16;

    private readonly KademliaRequest _request = new KademliaRequest.GetProviders(key);
    private readonly Dictionary<PeerId, KademliaPeer> _providers = [];

    /// <summary>Everybody found so far.</summary>
    public IReadOnlyCollection<KademliaPeer> Providers => _providers.Values;

    /// <inheritdoc/>
    public QueryProgress Progress => new(lookup.Asked, lookup.Answered, lookup.Failed, lookup.Hops, Found: _providers.Count);

    /// <inheritdoc/>
    public QueryStep Next(long now) => _providers.Count >= limit ? new QueryStep.Done() : lookup.Next(now).Asking(_request);

    /// <inheritdoc/>
    public void OnAnswer(PeerId from, KademliaAnswer answer, long now)
    {
        lookup.OnAnswer(from, answer.Closer);
        foreach (var provider in answer.Providers)
        {
            if (_providers.TryGetValue(provider.Id, out var known))
            {
                ImmutableArray<Multiaddr> addresses = [.. known.Addresses.Concat(provider.Addresses).Distinct().Take(AddressesMax)];
                _providers[provider.Id] = known with { Addresses = addresses };
            }
            else if (_providers.Count < limit)
            {
                _providers.Add(provider.Id, provider);
            }
        }
    }

    /// <inheritdoc/>
    public void OnFailure(PeerId from, long now) => lookup.OnFailure(from);
}
