using Netabase.Multiformats;

namespace Netabase;

/// <summary>What happens in the replicated logs that this node takes part in. A record that one of them wrote is told as <see cref="StoreEvent.RecordStored"/>.</summary>
public abstract record ConsensusEvent : NetabaseEvent
{
    private protected ConsensusEvent()
    {
    }

    /// <summary>This node follows another leader; <paramref name="Leader"/> is null while it hears of none.</summary>
    public sealed record LeaderChanged(string Group, PeerId? Leader, ulong Ballot) : ConsensusEvent;

    /// <summary>A change of the members was chosen.</summary>
    public sealed record MembersChanged(string Group, ulong Configuration) : ConsensusEvent;

    /// <summary>The group does not go on here: this node votes, leads, answers and applies no more until it is mended.</summary>
    public sealed record GroupStopped(string Group, string Detail) : ConsensusEvent;
}
