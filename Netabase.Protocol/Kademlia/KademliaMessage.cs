using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>What a node asks of another (libp2p kad-dht, its RPC messages).</summary>
public abstract record KademliaRequest
{
    private KademliaRequest()
    {
    }

    /// <summary>Who is nearest to this place? The key is a peer id's bytes, or any bytes whose SHA-256 is the place.</summary>
    public sealed record FindNode(Payload Key) : KademliaRequest;

    /// <summary>Do you hold this record, and who is nearest to it?</summary>
    public sealed record GetValue(Payload Key) : KademliaRequest;

    /// <summary>Hold this record. Answered after it is on disk, or refused.</summary>
    public sealed record PutValue(DhtRecord Record) : KademliaRequest;

    /// <summary>Who provides this, and who is nearest to it?</summary>
    public sealed record GetProviders(Payload Key) : KademliaRequest;

    /// <summary>We provide this. Never answered.</summary>
    public sealed record AddProvider(Payload Key, ImmutableArray<Multiaddr> Addresses) : KademliaRequest;
}

/// <summary>What a node answers.</summary>
/// <param name="Closer">The nearest peers it knows, k at the most.</param>
/// <param name="Record">The record it holds, already judged by the owner's rules; null for none or for a forged one.</param>
/// <param name="Providers">The providers it knows.</param>
public sealed record KademliaAnswer(ImmutableArray<KademliaPeer> Closer, DhtRecord? Record, ImmutableArray<KademliaPeer> Providers)
{
    /// <summary>Only peers.</summary>
    public static KademliaAnswer Peers(ImmutableArray<KademliaPeer> closer) => new(closer, null, []);
}

/// <summary>A record on its way: its key, its sealed envelope, and what the envelope says about it.</summary>
/// <param name="Key">The record key's bytes.</param>
/// <param name="Envelope">Value, metadata and signature as its publisher sealed them.</param>
/// <param name="Metadata">The metadata inside the envelope, read once.</param>
public sealed record DhtRecord(Payload Key, Payload Envelope, RecordMetadata Metadata);
