using Akka.Actor;
using Netabase.Persistence.Consensus;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Parts;

/// <summary>What one group's actors on this node share. It outlives each of them: a part that begins a new life is found under its old number.</summary>
internal sealed class GroupParts(GroupId group, PaxosSettings settings, AcceptorJournal journal, JournalBounds bounds, TimeProvider time)
{
    private readonly IActorRef?[] _parts = new IActorRef?[Enum.GetValues<Part>().Length];

    public GroupId Group { get; } = group;

    public PaxosSettings Settings { get; } = settings;

    public AcceptorJournal Journal { get; } = journal;

    public JournalBounds Bounds { get; } = bounds;

    public PaxosClock Clock { get; } = new(time);

    /// <summary>What a part has to say to another node.</summary>
    public required Action<Part, Outgoing> Send { get; init; }

    /// <summary>What a part has seen.</summary>
    public required Action<PaxosEvent> Announce { get; init; }

    public void Attach(Part part, IActorRef actor) => Volatile.Write(ref _parts[(int)part], actor);

    public void Detach(Part part, IActorRef actor) => Interlocked.CompareExchange(ref _parts[(int)part], null, actor);

    /// <summary>Tells a part; one that is away misses it, as it would in a crash, and asks when it is back.</summary>
    public void Tell(Part part, PaxosInput input, Action? taken = null)
    {
        if (Volatile.Read(ref _parts[(int)part]) is { } actor)
        {
            actor.Tell(new PaxosProtocol.Step(input, taken), ActorRefs.NoSender);
        }
        else
        {
            taken?.Invoke();
        }
    }
}

/// <summary>When an acceptor's journal is shortened.</summary>
/// <param name="WritesMax">After so many writes since the last snapshot.</param>
/// <param name="BytesMax">After so many bytes.</param>
internal sealed record JournalBounds(int WritesMax, long BytesMax);

/// <summary>Milliseconds that never run backwards, near unix time: what the cores are stepped with.</summary>
internal sealed class PaxosClock(TimeProvider time)
{
    private readonly long _origin = time.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly long _begun = time.GetTimestamp();

    public long Now() => _origin + (long)time.GetElapsedTime(_begun).TotalMilliseconds;
}
