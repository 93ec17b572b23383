namespace Netabase.Protocol.Paxos;

/// <summary>Why a command is surely not in the log.</summary>
public enum NotCommittedReason : byte
{
    /// <summary>No leader was found before the deadline, and nobody was given the command.</summary>
    NoLeader = 0,

    /// <summary>A bound is reached; try again later.</summary>
    Busy = 1,

    /// <summary>The change does not fit the membership as it is: another one is under way, or it was made for an older one.</summary>
    Superseded = 2,

    /// <summary>It is larger than a batch may be.</summary>
    TooLarge = 3,
}

/// <summary>What became of a command. There is no fourth answer, and none of them is a guess.</summary>
public abstract record CommandAnswer
{
    private CommandAnswer(CommandId id) => Id = id;

    /// <summary>The command.</summary>
    public CommandId Id { get; }

    /// <summary>It is chosen and applied, once.</summary>
    /// <param name="Id">The command.</param>
    /// <param name="Slot">Where it was applied; for a retry of an old command, where it was applied the first time.</param>
    /// <param name="Outcome">What the state machine said.</param>
    public sealed record Applied(CommandId Id, Slot Slot, Payload Outcome) : CommandAnswer(Id);

    /// <summary>It is not in the log and will not be.</summary>
    public sealed record NotCommitted(CommandId Id, NotCommittedReason Reason) : CommandAnswer(Id);

    /// <summary>It may be chosen, now or later. To ask again with the same id is safe.</summary>
    public sealed record Unknown(CommandId Id) : CommandAnswer(Id);
}

/// <summary>What became of a read.</summary>
public abstract record ReadAnswer
{
    private ReadAnswer(ulong read) => Read = read;

    /// <summary>The read's number, its asker's.</summary>
    public ulong Read { get; }

    /// <summary>The state as it now stands is new enough: read it.</summary>
    /// <param name="Read">The read.</param>
    /// <param name="Slot">The slot it is at least as new as.</param>
    /// <param name="LeaseUntil">The reader's clock at which a lease read stops being valid: to be looked at again after reading. Never, for a read index.</param>
    public sealed record Ready(ulong Read, Slot Slot, long LeaseUntil) : ReadAnswer(Read);

    /// <summary>Nobody could vouch for the state in time, or it is staler than allowed.</summary>
    public sealed record Failed(ulong Read) : ReadAnswer(Read);
}

/// <summary>How new a read must be.</summary>
public abstract record ReadKind
{
    private ReadKind()
    {
    }

    /// <summary>Sees every write that was acknowledged before it began.</summary>
    public sealed record Linearizable : ReadKind;

    /// <summary>What is here, if this node heard of a leader's chosen prefix, and had applied it, within so many milliseconds.</summary>
    public sealed record Stale(long AgeMax) : ReadKind;
}
