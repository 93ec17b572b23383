using Netabase.Protocol.Kademlia;

namespace Netabase.Protocol.Records;

/// <summary>Why a record that came from a peer is not taken; a closed set.</summary>
public enum RecordRefusal
{
    /// <summary>No rule for keys of this form.</summary>
    UnknownNamespace,

    /// <summary>Value or envelope is larger than the bound.</summary>
    TooLarge,

    /// <summary>The bytes are not an envelope, or not in its one encoding.</summary>
    Malformed,

    /// <summary>It is sealed for another key than it came under.</summary>
    WrongKey,

    /// <summary>It says that something was removed: removals do not travel.</summary>
    Removal,

    /// <summary>Its clock is too far ahead of ours.</summary>
    ClockAhead,

    /// <summary>Its time has passed.</summary>
    Expired,

    /// <summary>It wants to live longer than a record may.</summary>
    LivesTooLong,

    /// <summary>This node has no such definition or model.</summary>
    UnknownModel,

    /// <summary>The value is no value of its model.</summary>
    Undecodable,

    /// <summary>The key does not follow from the value, or for a model owned by its publishers not from the publisher.</summary>
    KeyDoesNotDerive,

    /// <summary>The signature is not the publisher's.</summary>
    BadSignature,

    /// <summary>What is held is newer.</summary>
    Older,
}

/// <summary>What became of a record that was judged.</summary>
public abstract record RecordJudgement
{
    private RecordJudgement()
    {
    }

    /// <summary>It is sound.</summary>
    /// <param name="Record">The record, its metadata read.</param>
    /// <param name="Standing">How it stands to what is held.</param>
    public sealed record Accepted(DhtRecord Record, RecordStanding Standing) : RecordJudgement;

    /// <summary>It is not taken.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Detail">The same for a log, with the figures.</param>
    public sealed record Refused(RecordRefusal Reason, string Detail) : RecordJudgement;
}

/// <summary>How a sound record stands to the one held under its key.</summary>
public enum RecordStanding
{
    /// <summary>Nothing is held.</summary>
    First,

    /// <summary>It takes the place of what is held.</summary>
    Newer,

    /// <summary>The same version, which lives longer now.</summary>
    Renewed,

    /// <summary>What is held already: nothing is to be written.</summary>
    Same,
}

/// <summary>Bounds of what is taken from peers.</summary>
/// <param name="ValueMax">Bytes of a value, 65 KiB.</param>
/// <param name="ClockAheadMax">Milliseconds that a record's clock may be ahead of ours, 5 minutes.</param>
/// <param name="TimeToLiveMax">Milliseconds from now that a record may live at the most.</param>
public sealed record RecordBounds(int ValueMax, long ClockAheadMax, long TimeToLiveMax);
