namespace Netabase.Multiformats;

/// <summary>Who a peer is: the multihash of its public key (libp2p peer-ids). Equal by content.</summary>
/// <param name="Multihash">The multihash bytes: <c>00 len key</c> for keys of at most 42 bytes, else <c>12 20 sha2-256</c>.</param>
public readonly record struct PeerId(Payload Multihash);
