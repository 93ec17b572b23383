using System.Collections.Immutable;
using Netabase.Protocol.Kademlia;
using Xunit.Abstractions;

namespace Netabase.Protocol.Specs.Kademlia;

/// <summary>Kademlia, section 2.3: the initiator then resends the request to nodes it has learned about from previous requests.</summary>
public sealed class LookupSpecs(ITestOutputHelper output)
{
    private static readonly LookupBounds Bounds = new(Parallelism: 3, Results: 3, CandidatesMax: 100, CloserMax: 20, PeerTimeout: 10_000);

    [Fact]
    public void It_asks_the_nearest_first_and_no_more_at_once_than_its_parallelism()
    {
        var random = SplitMix64.Seeded(output, 21);
        var (lookup, peers) = Begin(random, 10);
        Assert.Equal(peers[..3], Asked(lookup));
        lookup.OnAnswer(peers[1].Id, []);
        Assert.Equal([peers[3]], Asked(lookup));
    }

    [Fact]
    public void It_ends_when_the_nearest_it_heard_of_have_answered()
    {
        var random = SplitMix64.Seeded(output, 22);
        var (lookup, peers) = Begin(random, 10);
        foreach (var peer in Asked(lookup))
        {
            lookup.OnAnswer(peer.Id, []);
        }

        Assert.IsType<LookupStep.Done>(lookup.Next(0));
        Assert.Equal(peers[..3], lookup.Closest(20));
    }

    [Fact]
    public void A_peer_nearer_than_those_that_answered_keeps_it_going()
    {
        var random = SplitMix64.Seeded(output, 23);
        var (lookup, peers) = Begin(random, 10, seeds: 3, from: 5);
        foreach (var peer in Asked(lookup))
        {
            lookup.OnAnswer(peer.Id, [peers[0]]);
        }

        Assert.Equal([peers[0]], Asked(lookup));
        lookup.OnFailure(peers[0].Id);
        Assert.IsType<LookupStep.Done>(lookup.Next(0));
    }

    [Fact]
    public void A_silent_peer_gives_up_its_place_in_time_and_its_late_answer_still_counts()
    {
        var random = SplitMix64.Seeded(output, 24);
        var (lookup, peers) = Begin(random, 4);
        Assert.Equal(3, Asked(lookup).Count);
        Assert.Equal(new LookupStep.Wait(10_000), lookup.Next(0));
        lookup.OnAnswer(peers[1].Id, []);
        lookup.OnAnswer(peers[2].Id, []);

        Assert.Equal([peers[3]], Asked(lookup, now: 10_000));
        lookup.OnAnswer(peers[0].Id, []);
        Assert.Equal(peers[..3], lookup.Closest(20));
        Assert.IsType<LookupStep.Done>(lookup.Next(10_000));
    }

    [Fact]
    public void Who_names_only_the_unreachable_is_believed_no_more()
    {
        var random = SplitMix64.Seeded(output, 25);
        var target = KademliaKey.Of(random.Bytes(32));
        var all = Peers.Many(random, 400).OrderBy(peer => peer.Key.DistanceTo(target)).ToList();
        var fakes = all[..20];
        var honest = all[^10..];
        var lookup = new Lookup(target, Peers.Id(random), honest, Bounds);

        lookup.OnFailureOf(fakes, Asked(lookup), named: honest[0]);
        var askedFakes = 0;
        for (var next = lookup.Next(0); next is LookupStep.Ask ask; next = lookup.Next(0))
        {
            if (fakes.Contains(ask.Peer))
            {
                askedFakes++;
                lookup.OnFailure(ask.Peer.Id);
            }
            else
            {
                lookup.OnAnswer(ask.Peer.Id, []);
            }
        }

        Assert.InRange(askedFakes, 1, 6);
        Assert.IsType<LookupStep.Done>(lookup.Next(0));
        Assert.True(lookup.Closest(20).Length >= Bounds.Results);
    }

    [Fact]
    public void An_answer_brings_no_more_peers_than_allowed_and_never_ourselves()
    {
        var random = SplitMix64.Seeded(output, 26);
        var target = KademliaKey.Of(random.Bytes(32));
        var self = Peers.Random(random);
        var seed = Peers.Random(random);
        var lookup = new Lookup(target, self.Id, [seed], Bounds with { Parallelism = 1000, Results = 1000, CandidatesMax = 1000 });
        Asked(lookup);
        lookup.OnAnswer(seed.Id, [self, seed, .. Peers.Many(random, 500)]);
        var asked = Asked(lookup);
        Assert.Equal(18, asked.Count);
        Assert.DoesNotContain(self, asked);
    }

    [Fact]
    public void An_answer_nobody_asked_for_changes_nothing()
    {
        var random = SplitMix64.Seeded(output, 27);
        var (lookup, peers) = Begin(random, 10);
        lookup.OnAnswer(Peers.Id(random), [Peers.Random(random)]);
        lookup.OnAnswer(peers[9].Id, [Peers.Random(random)]);
        lookup.OnFailure(Peers.Id(random));
        Assert.Equal(0, lookup.Answered);
        Assert.Equal(peers[..3], Asked(lookup));
    }

    private static (Lookup Lookup, List<KademliaPeer> Nearest) Begin(SplitMix64 random, int count, int seeds = int.MaxValue, int from = 0)
    {
        var target = KademliaKey.Of(random.Bytes(32));
        var peers = Peers.Many(random, count).OrderBy(peer => peer.Key.DistanceTo(target)).ToList();
        return (new Lookup(target, Peers.Id(random), peers.Skip(from).Take(seeds), Bounds), peers);
    }

    private static List<KademliaPeer> Asked(Lookup lookup, long now = 0)
    {
        var asked = new List<KademliaPeer>();
        while (lookup.Next(now) is LookupStep.Ask ask)
        {
            asked.Add(ask.Peer);
        }

        return asked;
    }
}

internal static class LookupScript
{
    /// <summary>One of those asked names peers that do not exist; the others name nobody.</summary>
    public static void OnFailureOf(this Lookup lookup, List<KademliaPeer> fakes, List<KademliaPeer> asked, KademliaPeer named)
    {
        foreach (var peer in asked)
        {
            lookup.OnAnswer(peer.Id, peer.Id == named.Id ? fakes.ToImmutableArray() : []);
        }
    }
}
