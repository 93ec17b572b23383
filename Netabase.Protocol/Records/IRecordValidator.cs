using Netabase.Protocol.Kademlia;

namespace Netabase.Protocol.Records;

/// <summary>
/// The rules of one family of keys (libp2p kad-dht, "Entry validation": validate and select). Pure functions: every node comes to
/// the same end.
/// </summary>
public interface IRecordValidator
{
    /// <summary>Whether it judges keys of this form.</summary>
    bool Covers(ReadOnlySpan<byte> key);

    /// <summary>Whether the value may stand under the key at this time; <see cref="RecordStanding.First"/> when it may.</summary>
    RecordJudgement Validate(Payload key, Payload value, long now);

    /// <summary>Which of two valid records of one key stands: above zero for the first, below for the second, zero for the same version.</summary>
    int Compare(DhtRecord one, DhtRecord other);
}
