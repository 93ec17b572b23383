using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Protocol.Records;

namespace Netabase.Protocol.Kademlia.Serving;

/// <summary>
/// The serving side (libp2p kad-dht, RPC messages): a request comes in by <see cref="OnRequest"/>, what it leaves to do comes out as
/// effects, and what became of those comes back by <see cref="OnLoaded"/> and <see cref="OnSaved"/>.
/// </summary>
/// <remarks>Not thread-safe: its owner steps it. Request numbers are the owner's, each used once while it is under way.</remarks>
/// <param name="self">Who we are: asked for ourselves we answer with our addresses.</param>
/// <param name="table">The peers we know.</param>
/// <param name="judge">Judges records.</param>
/// <param name="ledger">Counts what is held for others.</param>
/// <param name="providers">Who provides what.</param>
/// <param name="bounds">Bounds.</param>
public sealed class KademliaServer(
    KademliaPeer self, RoutingTable table, RecordJudge judge, HeldLedger ledger, ProviderStore providers, ServerBounds bounds)
{
    private readonly Dictionary<long, Work> _underWay = [];
    private readonly Dictionary<PeerId, int> _perPeer = [];

    /// <summary>We, with the addresses we are reached at; the owner keeps them true.</summary>
    public KademliaPeer Self { get; set; } = self;

    /// <summary>Whether others are served (server mode).</summary>
    public bool IsServing { get; set; }

    /// <summary>Requests under way.</summary>
    public int UnderWay => _underWay.Count;

    /// <summary>Takes a request.</summary>
    /// <param name="request">The owner's number for it.</param>
    /// <param name="from">Who asks, as the connection proved it.</param>
    /// <param name="asked">What is asked.</param>
    /// <param name="now">Unix milliseconds.</param>
    public ImmutableArray<ServerEffect> OnRequest(long request, PeerId from, KademliaRequest asked, long now)
    {
        if (!IsServing)
        {
            return [new ServerEffect.Refuse(request, ServerRefusal.NotServing, "this node serves nobody")];
        }

        return asked switch
        {
            KademliaRequest.FindNode find => [new ServerEffect.Answer(request, KademliaAnswer.Peers(Closer(find.Key, from)))],
            KademliaRequest.GetProviders get => [new ServerEffect.Answer(request, new(Closer(get.Key, from), null, providers.Find(get.Key, now)))],
            KademliaRequest.AddProvider add => OnAnnouncement(request, from, add, now),
            KademliaRequest.Ping => [new ServerEffect.Answer(request, KademliaAnswer.Peers([]))],
            KademliaRequest.GetValue get => OnRecordRequest(request, from, asked, get.Key),
            KademliaRequest.PutValue put => OnRecordRequest(request, from, asked, put.Record.Key),
            _ => [new ServerEffect.Close(request)],
        };
    }

    /// <summary>What a <see cref="ServerEffect.Load"/> found; null for nothing.</summary>
    public ImmutableArray<ServerEffect> OnLoaded(long request, HeldRecord? held, long now)
    {
        if (!_underWay.TryGetValue(request, out var work))
        {
            return [];
        }

        if (work.Asked is KademliaRequest.PutValue put)
        {
            return OnPut(request, work, put.Record, held, now);
        }

        Forget(request, work);
        var key = ((KademliaRequest.GetValue)work.Asked).Key;
        var isServed = held is { IsServable: true } && !RecordRules.IsExpired(held.Record.Metadata.ExpiresAt, now);
        return [new ServerEffect.Answer(request, new KademliaAnswer(Closer(key, work.From), isServed ? held!.Record.Carried : null, []))];
    }

    /// <summary>How a <see cref="ServerEffect.Save"/> ended.</summary>
    public ImmutableArray<ServerEffect> OnSaved(long request, SaveOutcome outcome, long now)
    {
        if (!_underWay.TryGetValue(request, out var work) || work.Asked is not KademliaRequest.PutValue put)
        {
            return [];
        }

        switch (outcome)
        {
            case SaveOutcome.Saved:
                Forget(request, work);
                if (work.Entry is not { } entry || entry.Publisher == Self.Id)
                {
                    return [new ServerEffect.Answer(request, KademliaAnswer.Peers([]))];
                }

                ledger.Enter(entry);
                return [new ServerEffect.Answer(request, KademliaAnswer.Peers([])), new ServerEffect.Held(entry.Key)];
            case SaveOutcome.Overtaken when !work.IsSecondTry:
                // Somebody else wrote between our reading and our writing: judge anew against what stands now, once.
                _underWay[request] = work with { IsSecondTry = true };
                return [new ServerEffect.Load(request, put.Record.Key)];
            default:
                return Refuse(request, work, ServerRefusal.StoreFailed, "the store did not write it");
        }
    }

    /// <summary>The store could not read or write, or the asker went away: the request is over.</summary>
    public ImmutableArray<ServerEffect> OnGone(long request) =>
        _underWay.TryGetValue(request, out var work) ? Refuse(request, work, ServerRefusal.StoreFailed, "the request was given up") : [];

    private ImmutableArray<ServerEffect> OnRecordRequest(long request, PeerId from, KademliaRequest asked, Payload key)
    {
        if (_underWay.Count >= bounds.RequestsMax || _perPeer.GetValueOrDefault(from) >= bounds.RequestsPerPeerMax)
        {
            return [new ServerEffect.Refuse(request, ServerRefusal.Busy, $"{_perPeer.GetValueOrDefault(from)} of {_underWay.Count} requests under way are this peer's")];
        }

        if (!judge.Covers(key.Span))
        {
            return asked is KademliaRequest.GetValue
                ? [new ServerEffect.Answer(request, KademliaAnswer.Peers(Closer(key, from)))]
                : [new ServerEffect.Refuse(request, ServerRefusal.BadRecord, "no rule for keys of this form")];
        }

        _underWay.Add(request, new Work(from, asked));
        _perPeer[from] = _perPeer.GetValueOrDefault(from) + 1;
        return [new ServerEffect.Load(request, key)];
    }

    private ImmutableArray<ServerEffect> OnPut(long request, Work work, CarriedRecord carried, HeldRecord? held, long now)
    {
        var judgement = judge.Judge(carried.Key, carried.Value, held, now);
        if (judgement is RecordJudgement.Refused refused)
        {
            return Refuse(request, work, ServerRefusal.BadRecord, $"{refused.Reason}: {refused.Detail}");
        }

        var accepted = (RecordJudgement.Accepted)judgement;
        var record = accepted.Record;
        var place = KademliaKey.Of(record.Key.Span);
        var until = ExpiryRules.HeldUntil(record.Metadata.ExpiresAt ?? long.MaxValue, now, table.CountCloser(place, ExpiryRules.CountMax), bounds.CloserPeers);
        var entry = new HeldEntry(record.Key, record.Metadata.Publisher, record.Key.Length + record.Envelope.Length, until, now);
        if (accepted.Standing == RecordStanding.Same)
        {
            // Nothing to write, and yet it was heard of: who else replicates it need not be us within the hour.
            Forget(request, work);
            if (ledger.Find(record.Key) is not { } known)
            {
                return [new ServerEffect.Answer(request, KademliaAnswer.Peers([]))];
            }

            ledger.Enter(known with { ReceivedAt = now });
            return [new ServerEffect.Answer(request, KademliaAnswer.Peers([])), new ServerEffect.Held(record.Key)];
        }

        if (record.Metadata.Publisher != Self.Id && ledger.BoundInTheWayOf(entry) is { } why)
        {
            return Refuse(request, work, ServerRefusal.Full, why);
        }

        _underWay[request] = work with { Entry = entry };
        return [new ServerEffect.Save(request, record, until, held?.Record.Metadata)];
    }

    private ImmutableArray<ServerEffect> OnAnnouncement(long request, PeerId from, KademliaRequest.AddProvider add, long now)
    {
        foreach (var provider in add.Providers)
        {
            if (provider.Id != from)
            {
                continue;
            }

            return providers.Add(add.Key, provider, now) switch
            {
                ProviderOutcome.Added => [new ServerEffect.ProviderAdded(add.Key, from), new ServerEffect.Close(request)],
                ProviderOutcome.Full => [new ServerEffect.Refuse(request, ServerRefusal.TooManyProvidedKeys, $"{providers.Keys} keys have providers")],
                _ => [new ServerEffect.Close(request)],
            };
        }

        return [new ServerEffect.Close(request)];
    }

    private ImmutableArray<KademliaPeer> Closer(Payload key, PeerId asker)
    {
        var closer = table.Closest(KademliaKey.Of(key.Span), bounds.CloserPeers, asker);
        return key == Self.Id.Multihash ? closer.Insert(0, Self) : closer;
    }

    private ImmutableArray<ServerEffect> Refuse(long request, Work work, ServerRefusal reason, string detail)
    {
        Forget(request, work);
        return [new ServerEffect.Refuse(request, reason, detail)];
    }

    private void Forget(long request, Work work)
    {
        _underWay.Remove(request);
        if ((_perPeer[work.From] -= 1) == 0)
        {
            _perPeer.Remove(work.From);
        }
    }

    private sealed record Work(PeerId From, KademliaRequest Asked, HeldEntry? Entry = null, bool IsSecondTry = false);
}
