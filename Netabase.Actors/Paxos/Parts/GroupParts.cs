using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Netabase.Persistence.Consensus;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Parts;

/// <summary>What one group's actors on this node share. It outlives each of them: a part that begins a new life is found under its old number.</summary>
internal sealed class GroupParts(GroupId group, PaxosSettings settings, AcceptorJournal journal, JournalBounds bounds, TimeProvider time)
{
    private readonly PartDoor?[] _doors = new PartDoor?[Enum.GetValues<Part>().Length];

    public GroupId Group { get; } = group;

    public PaxosSettings Settings { get; } = settings;

    public AcceptorJournal Journal { get; } = journal;

    public JournalBounds Bounds { get; } = bounds;

    public PaxosClock Clock { get; } = new(time);

    /// <summary>What a part has to say to another node.</summary>
    public required Action<Part, Outgoing> Send { get; init; }

    /// <summary>What a part has seen.</summary>
    public required Action<PaxosEvent> Announce { get; init; }

    /// <summary>A core says that the group must not go on here, and why.</summary>
    public Action<string> Halt { get; init; } = static why => throw new PaxosInvariantException(why);

    /// <summary>Who waits for answers.</summary>
    public CallDesk Calls { get; } = new(time);

    /// <summary>A part begins a life: what is told from now on goes there.</summary>
    public void Attach(Part part, IActorRef actor) => Interlocked.Exchange(ref _doors[(int)part], new PartDoor(actor))?.Close();

    /// <summary>A part's life has ended; a younger one stays.</summary>
    public void Detach(Part part, IActorRef actor)
    {
        if (Volatile.Read(ref _doors[(int)part]) is { } door && door.Actor.Equals(actor)
            && Interlocked.CompareExchange(ref _doors[(int)part], null, door) == door)
        {
            door.Close();
        }
    }

    /// <summary>Whether a part is there.</summary>
    public bool IsAttached(Part part) => Volatile.Read(ref _doors[(int)part]) is not null;

    /// <summary>Tells a part; one that is away misses it, as it would in a crash, and asks when it is back.</summary>
    /// <returns>Whether it was told.</returns>
    public bool Tell(Part part, PaxosInput input)
    {
        var door = Volatile.Read(ref _doors[(int)part]);
        door?.Actor.Tell(new PaxosProtocol.Step(input, null), ActorRefs.NoSender);
        return door is not null;
    }

    /// <summary>Tells a part's actor something that is not for its core.</summary>
    /// <returns>Whether it was told.</returns>
    public bool Post(Part part, object message)
    {
        var door = Volatile.Read(ref _doors[(int)part]);
        door?.Actor.Tell(message, ActorRefs.NoSender);
        return door is not null;
    }

    /// <summary>Hands a part what came from another node, once it has room for it, so that the sender feels a slow one.</summary>
    public async ValueTask HandAsync(Part part, PaxosInput input)
    {
        if (Volatile.Read(ref _doors[(int)part]) is { } door)
        {
            await door.EnterAsync().ConfigureAwait(false);
            door.Actor.Tell(new PaxosProtocol.Step(input, door), ActorRefs.NoSender);
        }
    }
}

/// <summary>When an acceptor's journal is shortened.</summary>
/// <param name="WritesMax">After so many writes since the last snapshot.</param>
/// <param name="BytesMax">After so many bytes.</param>
internal sealed record JournalBounds(int WritesMax, long BytesMax);

/// <summary>One life of a part, and how many messages of other nodes may wait in its mailbox.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing to dispose of.")]
internal sealed class PartDoor(IActorRef actor)
{
    private const int WaitingMax = 1024;

    // Whoever waits when the life ends goes on, and speaks to nobody.
    private const int Everybody = 1 << 20;

    private readonly SemaphoreSlim _room = new(WaitingMax);

    public IActorRef Actor { get; } = actor;

    public Task EnterAsync() => _room.WaitAsync();

    public void Leave() => _room.Release();

    public void Close() => _room.Release(Everybody);
}

/// <summary>Milliseconds that never run backwards, near unix time: what the cores are stepped with.</summary>
internal sealed class PaxosClock(TimeProvider time)
{
    private readonly long _origin = time.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly long _begun = time.GetTimestamp();

    public long Now() => _origin + (long)time.GetElapsedTime(_begun).TotalMilliseconds;
}
