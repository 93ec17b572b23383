using Netabase.Multiformats;

namespace Netabase;

/// <summary>What is known of a record beside its value; the same locally, on the wire and under consensus.</summary>
/// <param name="Clock">When it was written, by its publisher's hybrid clock; the newer of two records wins.</param>
/// <param name="Publisher">Who wrote it, or null for a record that never left this node.</param>
/// <param name="ExpiresAt">Unix milliseconds after which it is gone, or null when it stays.</param>
/// <param name="Signature">The publisher's signature over the whole envelope, or empty for a record that never left this node.</param>
public sealed record RecordMetadata(HybridTimestamp Clock, PeerId? Publisher = null, long? ExpiresAt = null, Payload Signature = default);
