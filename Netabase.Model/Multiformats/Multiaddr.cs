namespace Netabase.Multiformats;

/// <summary>A self-describing network address (multiformats/multiaddr). Equal by content.</summary>
/// <param name="Bytes">The binary form: a sequence of protocol code and value.</param>
public readonly record struct Multiaddr(Payload Bytes);
