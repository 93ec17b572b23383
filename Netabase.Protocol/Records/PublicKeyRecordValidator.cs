using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;

namespace Netabase.Protocol.Records;

/// <summary>
/// The rules for <c>/pk/</c> and a multihash, as everybody on <c>/ipfs/kad/1.0.0</c> has them: the value is the public key that has
/// this peer id, and there is only one such.
/// </summary>
/// <param name="verifier">Knows public keys.</param>
public sealed class PublicKeyRecordValidator(IRecordVerifier verifier) : IRecordValidator
{
    private static ReadOnlySpan<byte> Prefix => "/pk/"u8;

    /// <inheritdoc/>
    public bool Covers(ReadOnlySpan<byte> key) => key.StartsWith(Prefix);

    /// <inheritdoc/>
    public RecordJudgement Validate(Payload key, Payload value, long now)
    {
        if (!PeerId.TryFromBytes(key.Span[Prefix.Length..], out var peer))
        {
            return new RecordJudgement.Refused(RecordRefusal.Malformed, "no peer id behind /pk/");
        }

        return verifier.IsKeyOf(peer, value.Span)
            ? new RecordJudgement.Accepted(new DhtRecord(key, value, new RecordMetadata(HybridTimestamp.Zero, peer)), RecordStanding.First)
            : new RecordJudgement.Refused(RecordRefusal.KeyDoesNotDerive, $"not the public key of {peer}");
    }

    /// <inheritdoc/>
    public int Compare(DhtRecord one, DhtRecord other) => 0;
}
