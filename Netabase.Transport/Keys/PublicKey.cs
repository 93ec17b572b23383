using Netabase.Multiformats;

namespace Netabase.Transport.Keys;

/// <summary>A peer's public key in libp2p's protobuf form (peer-ids).</summary>
/// <param name="Encoded">The deterministic <c>PublicKey</c> message.</param>
/// <param name="PeerId">The peer id that follows from it.</param>
public sealed record PublicKey(Payload Encoded, PeerId PeerId);
