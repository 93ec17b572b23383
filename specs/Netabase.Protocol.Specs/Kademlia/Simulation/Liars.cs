using System.Collections.Immutable;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Records;

namespace Netabase.Protocol.Specs.Kademlia.Simulation;

/// <summary>What the hostile nodes answer.</summary>
internal sealed class Liars(SimulatedNetwork network)
{
    private const int Named = 10;

    /// <summary>Everything is confirmed and nothing kept; who is asked for peers or records lies.</summary>
    public KademliaAnswer Answer(SimulatedNode liar, KademliaRequest request)
    {
        if (request is KademliaRequest.PutValue or KademliaRequest.AddProvider or KademliaRequest.Ping)
        {
            return KademliaAnswer.Peers([]);
        }

        var key = request switch
        {
            KademliaRequest.FindNode find => find.Key,
            KademliaRequest.GetValue get => get.Key,
            KademliaRequest.GetProviders get => get.Key,
            _ => default,
        };
        var closer = ImmutableArray.CreateBuilder<KademliaPeer>();
        for (var i = 0; i < Named; i++)
        {
            closer.Add(Accomplice(liar).Self);
            closer.Add(Beside(KademliaKey.Of(key.Span)));
        }

        var forged = liar.Conduct == Conduct.Forges && request is KademliaRequest.GetValue ? Forged(liar, key) : null;
        return new KademliaAnswer(closer.ToImmutable(), forged, []);
    }

    /// <summary>
    /// Four ways to forge: another's name under a signature that is not his; an honest seal with the value exchanged; the liar's own
    /// sound seal of another key; and rubbish.
    /// </summary>
    private CarriedRecord Forged(SimulatedNode liar, Payload key)
    {
        var random = network.Random;
        var victim = network.Any();
        byte[] value = [.. key.Span[^8..], .. random.Bytes(32)];
        var signer = network.Signatures.SignerOf(liar.Self.Id);
        var envelope = new RecordEnvelope(
            key, new Payload(value), victim.Self.Id, HybridTimestamp.Create(network.Now + 1000, 0), network.Now + SimulationRules.Hour);
        return new CarriedRecord(key, random.Below(4) switch
        {
            0 => (envelope with { Signature = signer.Sign(envelope.SignedBytes().Span) }).Encode(),
            1 => (envelope.SealedBy(signer) with { Value = new Payload((byte[])[.. key.Span[^8..], .. random.Bytes(16)]) }).Encode(),
            2 => (envelope with { Key = SimulatedModels.KeyOf(random.Bytes(8)).Bytes }).SealedBy(signer).Encode(),
            _ => new Payload(random.Bytes(100)),
        });
    }

    private SimulatedNode Accomplice(SimulatedNode liar)
    {
        for (var tries = 0; tries < 20; tries++)
        {
            var other = network.Nodes[network.Random.Below(network.Nodes.Count)];
            if (other.Conduct is not (Conduct.Honest or Conduct.Client))
            {
                return other;
            }
        }

        return liar;
    }

    // A made-up id cannot be placed at will, SHA-256 stands before it; but a liar may try many: 8 tries bring it 3 bits nearer.
    private KademliaPeer Beside(KademliaKey target)
    {
        var nearest = Peers.Random(network.Random);
        for (var tries = 1; tries < 8; tries++)
        {
            var other = Peers.Random(network.Random);
            nearest = other.Key.DistanceTo(target) < nearest.Key.DistanceTo(target) ? other : nearest;
        }

        return nearest;
    }
}
