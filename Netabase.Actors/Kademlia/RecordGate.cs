using System.Collections.Immutable;
using Netabase.Actors.Node;
using Netabase.Actors.Stores;
using Netabase.Persistence;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Serving;
using Netabase.Protocol.Records;
using Netabase.Transport.Keys;

namespace Netabase.Actors.Kademlia;

/// <summary>
/// The gate between records as they travel (sealed) and records as they lie in the stores: seals ours, keeps those of others that
/// were judged, and finds what is held. It runs on the threads of whoever calls.
/// </summary>
internal sealed partial class RecordGate
{
    // What a PUT_VALUE carries beside the key, twice, and the envelope.
    private const int MessageOverhead = 32;

    private readonly NodeParts _parts;
    private readonly RecordSigner _signer;
    private readonly RawRecords _raw;

    public RecordGate(NodeParts parts, PrivateKey identity, ImmutableArray<IRecordValidator> others)
    {
        _parts = parts;
        _signer = new RecordSigner(identity);
        var settings = parts.Settings.Kademlia;
        var verifier = new RecordVerifier();
        _raw = new RawRecords(settings.Held.RawRecordsMax);
        Judge = new RecordJudge(
        [
            .. IsPublic(settings.Protocol)
                ? (ReadOnlySpan<IRecordValidator>)[new PublicKeyRecordValidator(verifier), new IpnsRecordValidator(verifier)]
                : [],
            .. others,
            new NetabaseRecordValidator(
                new DefinedModels(parts.Catalog.Definitions),
                verifier,
                new RecordBounds(
                    parts.Settings.Stores.Limits.ValueMax,
                    (long)settings.ClockAheadMax.TotalMilliseconds,
                    (long)settings.RecordTtlMax.TotalMilliseconds)),
        ]);
    }

    /// <summary>Judges what comes from peers.</summary>
    public RecordJudge Judge { get; }

    private long Ttl => (long)_parts.Settings.Kademlia.RecordTtl.TotalMilliseconds;

    /// <summary>Holds a record of a key that is no model's, in memory, for as long as it says or else for the configured time.</summary>
    /// <returns>False when there is no room.</returns>
    public bool KeepRaw(DhtRecord record) => _raw.Put(record, record.Metadata.ExpiresAt ?? (_parts.Now() + Ttl), _parts.Now());

    /// <summary>Seals a record of ours.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its encoded value.</param>
    /// <param name="timeToLive">How long it lives; null for the configured time.</param>
    public DhtRecord Seal(RecordKey key, Payload value, TimeSpan? timeToLive)
    {
        var now = _parts.Now();
        var clock = _parts.Clock.Next(now);
        var lives = timeToLive is { } time ? (long)Math.Ceiling(time.TotalMilliseconds) : Ttl;
        var from = timeToLive is null ? Math.Max(now, clock.Milliseconds) : now;
        return DhtRecord.Of(new RecordEnvelope(key.Bytes, value, _signer.Publisher, clock, from + lives).SealedBy(_signer));
    }

    /// <summary>The sign that a record was removed here, kept for as long as a replica elsewhere may live.</summary>
    public StoreWrite.Bury Bury(int place, Payload primaryKey)
    {
        var schema = _parts.Catalog.Models[place].Schema;
        var now = _parts.Now();
        var until = now + (long)_parts.Settings.Kademlia.RecordTtlMax.TotalMilliseconds;
        if (MetadataOf(place, primaryKey, withRemovals: false) is { ExpiresAt: { } expires })
        {
            until = Math.Max(expires, now + Ttl);
        }

        var key = RecordKey.Derive(schema.Definition, schema.Tag, primaryKey.Span).Bytes;
        var removal = new RecordEnvelope(key, default, _signer.Publisher, _parts.Clock.Next(now), until, IsRemoval: true).SealedBy(_signer);
        return new StoreWrite.Bury(place, primaryKey, removal.ToMetadata());
    }

    /// <summary>Null, or a sentence that says by how much a record is too large to travel.</summary>
    public string? TooLarge(DhtRecord record)
    {
        var size = record.Envelope.Length + (2 * record.Key.Length) + MessageOverhead;
        var max = _parts.Settings.Kademlia.PacketMax;
        return size <= max ? null : $"The record takes {size} bytes on its way, more than netabase.kademlia.packet-max ({max}).";
    }

    /// <summary>Writes a record that a peer brought and that was judged.</summary>
    public async ValueTask<SaveOutcome> SaveAsync(ServerEffect.Save save, CancellationToken cancellation)
    {
        if (save.Record.Content is not { } envelope || Place(save.Record.Key) is not { } place)
        {
            return _raw.Put(save.Record, save.HeldUntil, _parts.Now()) ? SaveOutcome.Saved : SaveOutcome.Failed;
        }

        _parts.Clock.TryMerge(envelope.Clock, _parts.Now(), (long)_parts.Settings.Kademlia.ClockAheadMax.TotalMilliseconds);
        var metadata = envelope.ToMetadata(save.HeldUntil);
        var write = RecordCoding.Put(_parts.Catalog.Models[place], place, PrimaryKeyOf(save.Record.Key), envelope.Value, metadata);

        // The same version with a later expiry takes the place of that version alone; another has to be newer.
        StoreCondition condition = save.Replaces is { } replaced && RecordRules.IsSameVersion(replaced, metadata)
            ? new StoreCondition.Unchanged(place, write.Key, replaced)
            : new StoreCondition.Newer(place, write.Key, metadata);
        var answer = await WriteAsync(place, new StoreBatch([write], [condition]), cancellation).ConfigureAwait(false);
        if (answer is not StoreProtocol.Answer.Written)
        {
            return answer is StoreProtocol.Answer.Refused { Reason: RefusalReason.Conflict } ? SaveOutcome.Overtaken : SaveOutcome.Failed;
        }

        if (envelope.Publisher != _signer.Publisher)
        {
            _parts.Network!.Upkeep.Held(save.Record.Key);
        }

        return SaveOutcome.Saved;
    }

    /// <summary>
    /// A record of ours that is to be published again: sealed for another stretch of time, the same version, and written. One that was put
    /// for a time of its own is given as it is, and so are one that was sealed lately and one of a key that is no model's.
    /// </summary>
    /// <returns>Null when it is ours no longer.</returns>
    public async Task<DhtRecord?> RenewAsync(Payload key)
    {
        if (Place(key) is not { } place)
        {
            return _raw.Find(key, _parts.Now());
        }

        if (Load(key, withRemovals: false) is not { Record: { Content: { } held } record } || held.Publisher != _signer.Publisher)
        {
            return null;
        }

        if (!IsRenewable(record) || held.ExpiresAt - _parts.Now() > Ttl - ((long)_parts.Settings.Kademlia.PublicationInterval.TotalMilliseconds / 2))
        {
            return record;
        }

        var renewed = (held with { ExpiresAt = _parts.Now() + Ttl }).SealedBy(_signer);
        var write = RecordCoding.Put(_parts.Catalog.Models[place], place, PrimaryKeyOf(key), held.Value, renewed.ToMetadata());
        var batch = new StoreBatch([write], [new StoreCondition.Unchanged(place, write.Key, held.ToMetadata())]);
        return await WriteAsync(place, batch, CancellationToken.None).ConfigureAwait(false) is StoreProtocol.Answer.Written ? DhtRecord.Of(renewed) : null;
    }

    /// <summary>Whether a record lies here that never left this node, so that no tombstone is needed when it goes.</summary>
    public bool IsPrivate(int place, Payload primaryKey) => MetadataOf(place, primaryKey, withRemovals: false) is { Publisher: null };

    /// <summary>Whether what was removed here is not older than a record found elsewhere.</summary>
    public bool IsRemovedHere(DhtRecord record) =>
        Place(record.Key) is { } place
        && MetadataOf(place, PrimaryKeyOf(record.Key), withRemovals: true) is { } here
        && !RecordRules.IsNewer(record.Metadata, here);

    /// <summary>Whether a record is published again and again, since it was put without a time of its own; one that is no model's is for as long as it is held.</summary>
    public bool IsRenewable(DhtRecord record) => record.Content is not { } content || content.ExpiresAt - content.Clock.Milliseconds >= Ttl;

    private static bool IsPublic(string protocol) => protocol.StartsWith("/ipfs/", StringComparison.Ordinal);

    private int? Place(Payload key) =>
        RecordKey.TryParse(key.Span, out _, out var definition, out var tag, out _) && _parts.Catalog.TryFind(definition, tag, out var place) ? place : null;

    private static Payload PrimaryKeyOf(Payload key) =>
        RecordKey.TryParse(key.Span, out _, out _, out _, out var primaryKey) ? Payload.Copy(primaryKey) : default;

    private async Task<StoreProtocol.Answer> WriteAsync(int place, StoreBatch batch, CancellationToken cancellation)
    {
        var write = new PendingWrite(OpId.Next(), batch, PendingWrite.SizeOf(batch), _parts.DeadlineAfter(_parts.Settings.Stores.OperationTimeout));
        _parts.Lanes[place].Post(write);
        return await write.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }
}
