using System.Collections.Immutable;
using Netabase.Actors.Kademlia;
using Netabase.Actors.Stores;
using Netabase.Actors.Swarm;
using Netabase.Multiformats;
using Netabase.Persistence;
using Netabase.Protocol.Kademlia;

namespace Netabase.Actors.Node;

/// <content>Records and providers over the DHT: local first, then the network.</content>
public sealed partial class NetabaseNode
{
    /// <summary>Two puts of one key at once may reach the disk in another order than they were sealed; the later is sealed anew.</summary>
    private const int SealsMax = 8;

    /// <inheritdoc/>
    public ValueTask<PutResult> PutRecordAsync<TModel>(TModel model, TimeSpan? timeToLive = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => PublishAsync(model, timeToLive, default, cancellation);

    /// <inheritdoc/>
    public ValueTask<PutResult> PutRecordToAsync<TModel>(
        TModel model, IReadOnlyCollection<PeerId> peers, TimeSpan? timeToLive = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(peers);
        ArgumentOutOfRangeException.ThrowIfZero(peers.Count, nameof(peers));
        return PublishAsync(model, timeToLive, [.. peers.Distinct()], cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<GetResult<TModel>> GetRecordAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        var local = GetLocally(key, cancellation);
        return local is GetResult<TModel>.NotFound && _run?.Parts.Network is { IsUp: true } network
            ? FindAsync(network, key, cancellation)
            : new(local);
    }

    /// <inheritdoc/>
    public async ValueTask<RemoveResult> RemoveRecordAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(key);
        using var span = NodeSpans.Activities.StartActivity("remove").On(TModel.Schema);
        return span.Ended(await BuryAsync(key, cancellation).ConfigureAwait(false));
    }

    private async ValueTask<RemoveResult> BuryAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation)
        where TModel : class, IModel<TModel>
    {
        var place = _catalog.PlaceOf<TModel>();
        if (key.Publisher is null && Nameless(TModel.Schema) is { } why)
        {
            return new RemoveResult.Refused(why.Reason, why.Detail);
        }

        var remove = RecordCoding.Remove(key, place, _localPeer);
        if (_run?.Parts is not { Network: { } network } parts || parts.Lanes[place].IsDamaged || network.Records.IsPrivate(place, remove.Key))
        {
            return await RemoveAsync(place, new StoreBatch([remove], []), cancellation).ConfigureAwait(false);
        }

        var tombstone = network.Records.Bury(place, remove.Key);
        network.Upkeep.LetGo(KeyOf(key).Bytes);
        return await RemoveAsync(place, new StoreBatch([tombstone], []), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ProvideResult> StartProvidingAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        if (_run?.Parts is not { } parts)
        {
            return new ProvideResult.Refused(RefusalReason.NotRunning, NotRunning);
        }

        if (parts.Network is not { } network)
        {
            return new ProvideResult.Refused(RefusalReason.NoNetwork, WithoutNetwork);
        }

        var bytes = ProvidedKey.Of(KeyOf(key));
        return await ProvideAsync(parts, network, bytes, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<ProvideResult> ProvideAsync(NodeParts parts, NodeNetwork network, Payload key, CancellationToken cancellation)
    {
        using var span = NodeSpans.Activities.StartActivity("provide");
        return span.Ended(await AnnounceAsync(parts, network, key, cancellation).ConfigureAwait(false));
    }

    private async ValueTask<ProvideResult> AnnounceAsync(NodeParts parts, NodeNetwork network, Payload key, CancellationToken cancellation)
    {
        switch (await network.Upkeep.StartProvidingAsync(key).WaitAsync(cancellation).ConfigureAwait(false))
        {
            case null:
                return new ProvideResult.Refused(
                    RefusalReason.NotAllowed, $"{parts.Settings.Kademlia.Held.ProvidedKeysMax} keys are provided already (netabase.kademlia.held.provided-keys-max).");
            case StoreProtocol.Answer.Written:
                break;
            case StoreProtocol.Answer.Refused refused:
                return new ProvideResult.Refused(refused.Reason, refused.Detail);
            default:
                return new ProvideResult.Busy();
        }

        return await QueryAsync(new KademliaCommand.Provide(key), cancellation).ConfigureAwait(false) switch
        {
            NetworkAnswer.Placed { IsQuorum: true } placed => new ProvideResult.Announced(placed.Peers),
            NetworkAnswer.Placed placed => new ProvideResult.TooFew(placed.Peers, 1),
            NetworkAnswer.Busy => new ProvideResult.Busy(),
            _ => new ProvideResult.TooFew(0, 1),
        };
    }

    /// <inheritdoc/>
    public ValueTask<bool> StopProvidingAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => new(Network().Upkeep.StopProvidingAsync(ProvidedKey.Of(KeyOf(key))).WaitAsync(cancellation));

    /// <inheritdoc/>
    public async ValueTask<ProvidersResult> GetProvidersAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        var network = Network();
        var bytes = ProvidedKey.Of(KeyOf(key));
        var found = await FindProvidersAsync(network, bytes, cancellation).ConfigureAwait(false);
        return new ProvidersResult([.. found.Providers.Select(provider => provider.Id)], found.Peers, found.InTime);
    }

    /// <summary>Those this node knows of, and those found: each once, in the order found.</summary>
    private async ValueTask<NetworkAnswer.Provided> FindProvidersAsync(NodeNetwork network, Payload key, CancellationToken cancellation)
    {
        using var span = NodeSpans.Activities.StartActivity("find-providers");
        var known = network.Upkeep.ProvidersOf(key, network.Self);
        NetworkAnswer.Provided found = await QueryAsync(new KademliaCommand.FindProviders(key), cancellation).ConfigureAwait(false) switch
        {
            NetworkAnswer.Provided provided => provided with { Providers = [.. known.Concat(provided.Providers).DistinctBy(provider => provider.Id)] },
            NetworkAnswer.Refused or NetworkAnswer.TimedOut => new NetworkAnswer.Provided(known, 0, InTime: false),
            var answer => throw Unanswered(answer),
        };
        span.Found(found.Providers.Length);
        return found;
    }

    private async ValueTask<PutResult> PublishAsync<TModel>(
        TModel model, TimeSpan? timeToLive, ImmutableArray<PeerId> to, CancellationToken cancellation)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        if (timeToLive is { } time)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(timeToLive));
        }

        using var span = NodeSpans.Activities.StartActivity("put").On(TModel.Schema);
        return span.Ended(await StoreAndPlaceAsync(model, timeToLive, to, cancellation).ConfigureAwait(false));
    }

    private async ValueTask<PutResult> StoreAndPlaceAsync<TModel>(
        TModel model, TimeSpan? timeToLive, ImmutableArray<PeerId> to, CancellationToken cancellation)
        where TModel : class, IModel<TModel>
    {
        var place = _catalog.PlaceOf<TModel>();
        if (_run?.Parts is not { } parts)
        {
            return new PutResult.Refused(RefusalReason.NotRunning, NotRunning);
        }

        if (parts.Network is not { } network)
        {
            return new PutResult.Refused(RefusalReason.NoNetwork, $"{WithoutNetwork} PutRecordLocallyAsync stores without it.");
        }

        if (timeToLive > parts.Settings.Kademlia.RecordTtlMax)
        {
            return new PutResult.Refused(
                RefusalReason.NotAllowed, $"A record lives for {parts.Settings.Kademlia.RecordTtlMax} at the most (netabase.kademlia.record-ttl-max).");
        }

        var plain = RecordCoding.Put(model, place, null, network.LocalPeer);
        var key = RecordKey.Derive(TModel.Schema.Definition, TModel.Schema.Tag, plain.Key.Span);
        using var turn = network.TryEnter();
        for (var attempt = 1; ; attempt++)
        {
            var sealedRecord = network.Records.Seal(key, plain.Value, timeToLive);
            if (network.Records.TooLarge(sealedRecord) is { } detail)
            {
                return new PutResult.Refused(RefusalReason.ValueTooLarge, detail);
            }

            var write = plain with { Metadata = sealedRecord.Metadata };
            var batch = new StoreBatch([write], [new StoreCondition.Newer(place, write.Key, write.Metadata)]);
            var stored = await PutAsync(place, batch, write.Key.Length + write.Value.Length, cancellation).ConfigureAwait(false);
            if (stored is PutResult.Refused { Reason: RefusalReason.Conflict } && attempt < SealsMax)
            {
                continue;
            }

            if (stored is PutResult.Stored && timeToLive is null)
            {
                network.Upkeep.Published(key.Bytes);
            }

            return stored is PutResult.Stored { Metadata: var metadata }
                ? await PlaceAsync(network, turn is not null, sealedRecord, metadata, to, cancellation).ConfigureAwait(false)
                : stored;
        }
    }

    /// <summary>The record is on this node's disk: whatever becomes of its replicas, that is part of the result.</summary>
    private async ValueTask<PutResult> PlaceAsync(
        NodeNetwork network, bool isUp, DhtRecord record, RecordMetadata metadata, ImmutableArray<PeerId> to, CancellationToken cancellation)
    {
        var quorum = to.IsDefault ? _setup.Settings.Kademlia.PutQuorum : to.Length;
        var answer = isUp ? await QueryAsync(new KademliaCommand.Put(record, to), cancellation).ConfigureAwait(false) : null;
        if (answer is NetworkAnswer.Placed { IsQuorum: true } enough)
        {
            return new PutResult.Replicated(metadata, enough.Peers);
        }

        // Whoever named the peers is told and may name them again.
        if (to.IsDefault)
        {
            network.Upkeep.PublishSoon(record.Key);
        }

        return new PutResult.StoredLocally(metadata, (answer as NetworkAnswer.Placed)?.Peers ?? 0, quorum);
    }

    private async ValueTask<GetResult<TModel>> FindAsync<TModel>(NodeNetwork network, IRecordKey<TModel> key, CancellationToken cancellation)
        where TModel : class, IModel<TModel>
    {
        using var span = NodeSpans.Activities.StartActivity("get").On(TModel.Schema);
        return span.Ended(await SearchAsync(network, key, cancellation).ConfigureAwait(false));
    }

    private async ValueTask<GetResult<TModel>> SearchAsync<TModel>(NodeNetwork network, IRecordKey<TModel> key, CancellationToken cancellation)
        where TModel : class, IModel<TModel>
    {
        switch (await QueryAsync(new KademliaCommand.Get(KeyOf(key).Bytes), cancellation).ConfigureAwait(false))
        {
            case NetworkAnswer.Got got:
                var best = got.Best is { } record && !network.Records.IsRemovedHere(record) ? record : null;
                var value = best is null ? null : TModel.Decode(best.Content!.Value.Span);
                return (value, got.InTime) switch
                {
                    (_, false) => new GetResult<TModel>.TimedOut(value, got.Peers),
                    (null, _) => new GetResult<TModel>.NotFound(got.Peers),
                    _ => new GetResult<TModel>.Found(value, best!.Metadata, RecordSource.Network),
                };
            case NetworkAnswer.TimedOut:
                return new GetResult<TModel>.TimedOut(null, 0);
            case NetworkAnswer.Busy:
                return new GetResult<TModel>.Busy();
            default:
                // The swarm is stopping: what is here was looked at already.
                return new GetResult<TModel>.NotFound(0);
        }
    }

    private RecordKey KeyOf<TModel>(IRecordKey<TModel> key)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(key);
        var writer = new KeyWriter(stackalloc byte[128]);
        try
        {
            ModelCodec.WriteOwner(TModel.Schema, key.Publisher ?? _localPeer, ref writer);
            key.Encode(ref writer);
            return RecordKey.Derive(TModel.Schema.Definition, TModel.Schema.Tag, writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }
}
