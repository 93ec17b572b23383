using System.Collections.Immutable;

namespace Netabase;

/// <summary>Why something was refused without being tried; a closed set.</summary>
public enum RefusalReason
{
    /// <summary>The encoded value is larger than the limit.</summary>
    ValueTooLarge,

    /// <summary>The encoded primary or secondary key is larger than the limit.</summary>
    KeyTooLarge,

    /// <summary>The disk or the store's quota is full; nothing was written.</summary>
    StoreFull,

    /// <summary>The model's store is damaged and was stopped; see the events.</summary>
    StoreDamaged,

    /// <summary>The operating system refused the store: permissions, a missing volume, an I/O error.</summary>
    StoreUnavailable,

    /// <summary>Too much is open or waiting for a read to be answered now.</summary>
    StoreBusy,

    /// <summary>What is stored under the key is no value of its model.</summary>
    Undecodable,

    /// <summary>The node is not started, or is stopping.</summary>
    NotRunning,

    /// <summary>Another write won: the record changed since it was read.</summary>
    Conflict,

    /// <summary>The peer or the rules of the record do not allow it.</summary>
    NotAllowed,

    /// <summary>The operation needs the network, and this node has none.</summary>
    NoNetwork,

    /// <summary>The transaction was open for longer than is allowed and was closed; nothing of it was written.</summary>
    TransactionTooOld,

    /// <summary>No leader of the log was found in time, and nobody was given the operation.</summary>
    NoLeader,
}

/// <summary>What became of a put.</summary>
public abstract record PutResult
{
    private PutResult()
    {
    }

    /// <summary>On this node's disk; no replica was asked for.</summary>
    public sealed record Stored(RecordMetadata Metadata) : PutResult;

    /// <summary>On this node's disk, and on <paramref name="Replicas"/> of the <paramref name="Quorum"/> peers wanted: too few.</summary>
    public sealed record StoredLocally(RecordMetadata Metadata, int Replicas, int Quorum) : PutResult;

    /// <summary>On this node's disk and on enough peers.</summary>
    public sealed record Replicated(RecordMetadata Metadata, int Replicas) : PutResult;

    /// <summary>Not written, and trying again will not help.</summary>
    public sealed record Refused(RefusalReason Reason, string Detail) : PutResult;

    /// <summary>Not written: too much is waiting already; try again later.</summary>
    public sealed record Busy : PutResult;

    /// <summary>No answer within the deadline: it may or may not have been written.</summary>
    public sealed record TimedOut : PutResult;
}

/// <summary>What became of a get.</summary>
/// <typeparam name="TModel">The model.</typeparam>
public abstract record GetResult<TModel>
    where TModel : class, IModel<TModel>
{
    private GetResult()
    {
    }

    /// <summary>The record, or null for every other outcome.</summary>
    public TModel? Value => (this as Found)?.Record;

    /// <summary>Here it is.</summary>
    /// <param name="Record">The record.</param>
    /// <param name="Metadata">Who wrote it, when, until when.</param>
    /// <param name="Source">Where it came from.</param>
    public sealed record Found(TModel Record, RecordMetadata Metadata, RecordSource Source) : GetResult<TModel>;

    /// <summary>Not here, and not at any of the peers asked.</summary>
    public sealed record NotFound(int PeersAsked) : GetResult<TModel>;

    /// <summary>The deadline passed; <paramref name="Best"/> is the best seen until then.</summary>
    public sealed record TimedOut(TModel? Best, int PeersAsked) : GetResult<TModel>;

    /// <summary>Not tried.</summary>
    public sealed record Refused(RefusalReason Reason, string Detail) : GetResult<TModel>;

    /// <summary>Too much is waiting already; try again later.</summary>
    public sealed record Busy : GetResult<TModel>;
}

/// <summary>Where a record was found.</summary>
public enum RecordSource
{
    /// <summary>This node's store.</summary>
    Local,

    /// <summary>A peer, through the DHT: eventually consistent.</summary>
    Network,

    /// <summary>The consensus log.</summary>
    Consensus,
}

/// <summary>What became of a removal. Removing what is not there succeeds.</summary>
public abstract record RemoveResult
{
    private RemoveResult()
    {
    }

    /// <summary>It is not here any more.</summary>
    /// <param name="Existed">Whether it was here.</param>
    public sealed record Removed(bool Existed) : RemoveResult;

    /// <summary>Not removed.</summary>
    public sealed record Refused(RefusalReason Reason, string Detail) : RemoveResult;

    /// <summary>Too much is waiting already; try again later.</summary>
    public sealed record Busy : RemoveResult;

    /// <summary>No answer within the deadline.</summary>
    public sealed record TimedOut : RemoveResult;
}

/// <summary>A page of records of every model of a definition.</summary>
/// <param name="Records">Decoded records: definitions by name, models by tag, records by primary key.</param>
/// <param name="Undecodable">Rows passed over because they are no value of their model.</param>
public sealed record LocalRecords(ImmutableArray<object> Records, int Undecodable);
