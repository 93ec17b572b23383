using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>
/// The key under which a record is announced and searched: the SHA-256 multihash of its record key, since record keys may be longer than
/// the 80 bytes that other implementations take, and theirs are multihashes as well.
/// </summary>
public static class ProvidedKey
{
    /// <summary>The key of a record.</summary>
    public static Payload Of(RecordKey key) => Multihash.Sha256(key.Bytes.Span).ToPayload();
}
