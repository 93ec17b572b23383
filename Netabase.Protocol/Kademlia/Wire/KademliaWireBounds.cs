namespace Netabase.Protocol.Kademlia.Wire;

/// <summary>Bounds of what is read from peers.</summary>
/// <param name="MessageMax">Bytes of a message, 16 KiB unless configured, never more than <see cref="HardMax"/>.</param>
/// <param name="PeerMax">Bytes of one peer's entry, 8 KiB; a larger one is passed over.</param>
/// <param name="PeersMax">Entries taken from one list of peers, k; the rest is passed over.</param>
/// <param name="AddressesMax">Addresses taken from one entry; the rest is passed over.</param>
/// <param name="KeyMax">Bytes of a key that names a record or a place.</param>
/// <param name="ProviderKeyMax">Bytes of a key that names what is provided, 80 as in go-libp2p.</param>
public sealed record KademliaWireBounds(int MessageMax, int PeerMax, int PeersMax, int AddressesMax, int KeyMax, int ProviderKeyMax)
{
    /// <summary>The most bytes of a message that anybody sends (go-libp2p: 4 MiB).</summary>
    public const int HardMax = 4 * 1024 * 1024;
}

/// <summary>What is wrong with a message; a closed set.</summary>
public enum KademliaFaultKind
{
    /// <summary>More bytes than the bound.</summary>
    TooLarge,

    /// <summary>Not protobuf, or a field of a type it cannot have.</summary>
    Malformed,

    /// <summary>A kind of message that does not exist.</summary>
    UnknownType,

    /// <summary>The key is missing or longer than the bound.</summary>
    BadKey,

    /// <summary>A record is missing, or under another key than the message.</summary>
    BadRecord,

    /// <summary>An answer of another kind than what was asked, or one that confirms another record.</summary>
    WrongAnswer,
}

/// <summary>Why bytes were not taken for a message.</summary>
/// <param name="Kind">What kind of wrong.</param>
/// <param name="Detail">The same in words, with the figures.</param>
public sealed record KademliaFault(KademliaFaultKind Kind, string Detail);
