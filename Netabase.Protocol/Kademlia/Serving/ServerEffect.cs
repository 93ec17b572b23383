using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia.Serving;

/// <summary>
/// What a request leaves its owner to do, in order. A <see cref="Save"/> is reported with <see cref="KademliaServer.OnSaved"/> once
/// it is on disk, and only then does the server give the answer: what a crash could forget was never said.
/// </summary>
public abstract record ServerEffect
{
    private ServerEffect()
    {
    }

    /// <summary>Send this as the answer to the request.</summary>
    /// <param name="Request">The owner's number of the request.</param>
    /// <param name="Reply">The answer.</param>
    public sealed record Answer(long Request, KademliaAnswer Reply) : ServerEffect;

    /// <summary>Send nothing: an announcement is never answered.</summary>
    public sealed record Close(long Request) : ServerEffect;

    /// <summary>End the request without an answer (a reset stream).</summary>
    public sealed record Refuse(long Request, ServerRefusal Reason, string Detail) : ServerEffect;

    /// <summary>Read what is held under a key, removals included, and report it with <see cref="KademliaServer.OnLoaded"/>.</summary>
    public sealed record Load(long Request, Payload Key) : ServerEffect;

    /// <summary>Write a record, and report with <see cref="KademliaServer.OnSaved"/>.</summary>
    /// <param name="Request">The owner's number of the request.</param>
    /// <param name="Record">The record.</param>
    /// <param name="HeldUntil">When this node lets it go, in unix milliseconds: its expiry, or earlier where many nodes are nearer to the key.</param>
    /// <param name="Replaces">What must still be held for the write to be right; null for nothing.</param>
    public sealed record Save(long Request, DhtRecord Record, long HeldUntil, RecordMetadata? Replaces) : ServerEffect;

    /// <summary>A record of another is held, or was brought again: it need not be replicated by us within the interval.</summary>
    public sealed record Held(Payload Key) : ServerEffect;

    /// <summary>Tell the subscribers that somebody announced to provide a key.</summary>
    public sealed record ProviderAdded(Payload Key, PeerId Provider) : ServerEffect;
}

/// <summary>Why a request gets no answer; a closed set.</summary>
public enum ServerRefusal
{
    /// <summary>This node serves nobody (client mode).</summary>
    NotServing,

    /// <summary>So many requests of this peer, or of all, are under way.</summary>
    Busy,

    /// <summary>The record does not stand the rules.</summary>
    BadRecord,

    /// <summary>As much as may be is held for this publisher, or for all others together.</summary>
    Full,

    /// <summary>As many keys as may be have providers.</summary>
    TooManyProvidedKeys,

    /// <summary>The store could not read or write.</summary>
    StoreFailed,
}

/// <summary>How a save ended.</summary>
public enum SaveOutcome
{
    /// <summary>It is on disk.</summary>
    Saved,

    /// <summary>What was to be replaced was replaced by somebody else meanwhile.</summary>
    Overtaken,

    /// <summary>The store could not write.</summary>
    Failed,
}

/// <summary>Bounds of what is done for others.</summary>
/// <param name="CloserPeers">Peers named in an answer: k, 20.</param>
/// <param name="RequestsMax">Requests under way at once.</param>
/// <param name="RequestsPerPeerMax">Requests of one peer under way at once.</param>
public sealed record ServerBounds(int CloserPeers, int RequestsMax, int RequestsPerPeerMax);
