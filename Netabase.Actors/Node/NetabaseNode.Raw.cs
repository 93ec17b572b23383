using System.Collections.Immutable;
using Netabase.Actors.Kademlia;
using Netabase.Actors.Swarm;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Records;

namespace Netabase.Actors.Node;

/// <content>
/// The DHT by opaque keys, as other libp2p nodes use it: for gateways and for programs that speak with those. What is put is held in memory
/// here, bounded by <c>netabase.kademlia.held.raw-records-max</c>, and published again for as long as it is.
/// </content>
public sealed partial class NetabaseNode
{
    /// <summary>Puts a value under a key for which there are rules: <c>/pk/</c> and <c>/ipns/</c> under the public protocol's name, and those of <see cref="NodeSetup.Validators"/>.</summary>
    /// <returns>How many peers hold it.</returns>
    /// <exception cref="ArgumentException">The value may not stand under the key; the message says why.</exception>
    /// <exception cref="NetabaseException">The node or its swarm does not run, has no network, or holds too much already.</exception>
    public async ValueTask<int> PutRawAsync(Payload key, Payload value, CancellationToken cancellation = default)
    {
        var network = Network();
        var record = network.Records.Judge.Judge(key, value, network.Records.Load(key, withRemovals: false), Running().Now()) switch
        {
            RecordJudgement.Accepted accepted when accepted.Record.Content is null => accepted.Record,
            RecordJudgement.Refused refused => throw new ArgumentException($"The value may not stand under that key: {refused.Detail}.", nameof(value)),
            _ => throw new ArgumentException("The key is a model's; PutRecordAsync signs and stores its records.", nameof(key)),
        };
        if (!network.Records.KeepRaw(record))
        {
            throw new NetabaseException(RefusalReason.NotAllowed, "As many records without a model are held as may be (netabase.kademlia.held.raw-records-max).");
        }

        network.Upkeep.Published(key);
        var answer = await QueryAsync(new KademliaCommand.Put(record), cancellation).ConfigureAwait(false);
        if (answer is not NetworkAnswer.Placed { IsQuorum: true })
        {
            network.Upkeep.PublishSoon(key);
        }

        return answer switch
        {
            NetworkAnswer.Placed placed => placed.Peers,
            NetworkAnswer.TimedOut => 0,
            _ => throw Unanswered(answer),
        };
    }

    /// <summary>The best value of a key for which there are rules: the one held here, else the best found; null for none. Of a model's record it is the sealed envelope.</summary>
    /// <exception cref="NetabaseException">The node or its swarm does not run, or has no network.</exception>
    public async ValueTask<Payload?> GetRawAsync(Payload key, CancellationToken cancellation = default)
    {
        if (Network().Records.Find(key) is { } held)
        {
            return held.Envelope;
        }

        return await QueryAsync(new KademliaCommand.Get(key), cancellation).ConfigureAwait(false) switch
        {
            NetworkAnswer.Got got => got.Best?.Envelope,
            NetworkAnswer.TimedOut => null,
            var answer => throw Unanswered(answer),
        };
    }

    /// <summary>Announces that this node provides what a key names, such as the multihash of a CID, and again until it stops.</summary>
    /// <param name="key">1 to 80 bytes.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="NetabaseException">The node does not run, or has no network.</exception>
    public ValueTask<ProvideResult> StartProvidingRawAsync(Payload key, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(key.Length, nameof(key));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, DhtProtocol.ProviderKeyMax, nameof(key));
        return ProvideAsync(Running(), Network(), key, cancellation);
    }

    /// <summary>Announces it no longer.</summary>
    /// <returns>Whether it was provided.</returns>
    /// <exception cref="NetabaseException">The node does not run, or has no network.</exception>
    public ValueTask<bool> StopProvidingRawAsync(Payload key, CancellationToken cancellation = default) =>
        new(Network().Upkeep.StopProvidingAsync(key).WaitAsync(cancellation));

    /// <summary>Who provides what a key names, this node among them, with the addresses they announced.</summary>
    /// <exception cref="NetabaseException">The node does not run, or has no network.</exception>
    public async ValueTask<ImmutableArray<KademliaPeer>> GetProvidersRawAsync(Payload key, CancellationToken cancellation = default) =>
        (await FindProvidersAsync(Network(), key, cancellation).ConfigureAwait(false)).Providers;

    /// <summary>The peers nearest to a key that answered, nearest first, k at the most.</summary>
    /// <exception cref="NetabaseException">The node or its swarm does not run, or has no network.</exception>
    public async ValueTask<ImmutableArray<KademliaPeer>> FindNearestAsync(Payload key, CancellationToken cancellation = default)
    {
        using var span = NodeSpans.Activities.StartActivity("find-nearest");
        ImmutableArray<KademliaPeer> found = await QueryAsync(new KademliaCommand.FindNearest(key), cancellation).ConfigureAwait(false) switch
        {
            NetworkAnswer.Nearest nearest => nearest.Peers,
            NetworkAnswer.TimedOut => [],
            var answer => throw Unanswered(answer),
        };
        span.Found(found.Length);
        return found;
    }

    /// <summary>A peer and where it can be reached: at once when it is connected or in the routing table, else searched for; null when nobody knows it.</summary>
    /// <exception cref="NetabaseException">The node or its swarm does not run, or has no network.</exception>
    public async ValueTask<KademliaPeer?> FindPeerAsync(PeerId peer, CancellationToken cancellation = default)
    {
        var network = Network();
        if (network.Known(peer) is { Addresses.IsEmpty: false } known)
        {
            return known;
        }

        var nearest = await FindNearestAsync(peer.Multihash, cancellation).ConfigureAwait(false);
        return nearest.FirstOrDefault(found => found.Id == peer) ?? (network.Known(peer) is { Addresses.IsEmpty: false } met ? met : null);
    }
}
