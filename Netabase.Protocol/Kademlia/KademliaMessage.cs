using System.Collections.Immutable;
using Netabase.Protocol.Records;

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
    public sealed record PutValue(CarriedRecord Record) : KademliaRequest;

    /// <summary>Who provides this, and who is nearest to it?</summary>
    public sealed record GetProviders(Payload Key) : KademliaRequest;

    /// <summary>These provide this; only an entry about the sender itself is believed. Never answered.</summary>
    public sealed record AddProvider(Payload Key, ImmutableArray<KademliaPeer> Providers) : KademliaRequest;

    /// <summary>Are you there? Deprecated by the specification and still answered by everybody.</summary>
    public sealed record Ping : KademliaRequest;
}

/// <summary>What a node answers.</summary>
/// <param name="Closer">The nearest peers it knows, k at the most.</param>
/// <param name="Record">The record it says it holds, judged by nobody yet; null for none.</param>
/// <param name="Providers">The providers it knows.</param>
public sealed record KademliaAnswer(ImmutableArray<KademliaPeer> Closer, CarriedRecord? Record, ImmutableArray<KademliaPeer> Providers)
{
    /// <summary>Only peers.</summary>
    public static KademliaAnswer Peers(ImmutableArray<KademliaPeer> closer) => new(closer, null, []);
}

/// <summary>A record as it travels, judged by nobody yet.</summary>
/// <param name="Key">The key's bytes.</param>
/// <param name="Value">The value: for records of definitions the sealed envelope.</param>
public sealed record CarriedRecord(Payload Key, Payload Value);

/// <summary>A record that was judged and found sound.</summary>
/// <param name="Key">The key's bytes.</param>
/// <param name="Envelope">What travels: for records of definitions the sealed envelope.</param>
/// <param name="Metadata">What it says of itself, read once. For a record of another namespace the clock is its order among versions.</param>
/// <param name="Content">The envelope opened; null for a record of another namespace.</param>
public sealed record DhtRecord(Payload Key, Payload Envelope, RecordMetadata Metadata, RecordEnvelope? Content = null)
{
    /// <summary>The record of an envelope.</summary>
    /// <param name="envelope">The envelope, sealed.</param>
    /// <param name="encoded">Its bytes where they are at hand.</param>
    public static DhtRecord Of(RecordEnvelope envelope, Payload? encoded = null)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return new DhtRecord(envelope.Key, encoded ?? envelope.Encode(), envelope.ToMetadata(), envelope);
    }

    /// <summary>The record as it travels.</summary>
    public CarriedRecord Carried => new(Key, Envelope);
}
