namespace Netabase.Linearizability;

/// <summary>What a process asked of a register.</summary>
public enum OperationKind
{
    Read,
    Write,
    CompareAndSet,
}

/// <summary>How an operation ended for its process.</summary>
public enum Fate
{
    /// <summary>Not known: it takes effect at any time after its invocation, or never.</summary>
    Unknown,

    /// <summary>It took effect between invocation and return.</summary>
    Done,

    /// <summary>It surely did not happen.</summary>
    NotDone,
}

/// <summary>One operation on one key, from invocation to return.</summary>
/// <param name="Process">Who asked.</param>
/// <param name="Kind">What.</param>
/// <param name="Key">The register, as numbered by the <see cref="History"/>.</param>
/// <param name="Expected">What a compare-and-set expects; of the others <see cref="History.Nothing"/>.</param>
/// <param name="Invoked">Place in the history.</param>
public sealed record Operation(long Process, OperationKind Kind, int Key, int Expected, int Invoked)
{
    /// <summary>The place of an end that is not in the history.</summary>
    public const int Never = int.MaxValue;

    /// <summary>What is written, or what a read returned once it is done.</summary>
    public int Value { get; set; }

    public Fate Fate { get; internal set; } = Fate.Unknown;

    /// <summary>Place in the history of the return; <see cref="Never"/> when the fate is unknown.</summary>
    public int Returned { get; internal set; } = Never;

    /// <summary>Place in the history where the process heard of the end, be it that nothing is known; <see cref="Never"/> when it is under way.</summary>
    public int Ended { get; internal set; } = Never;

    /// <summary>Whether the register's state has to be <paramref name="value"/> for this operation to take effect.</summary>
    internal bool Observes(int value) => Kind switch
    {
        OperationKind.Read => Fate == Fate.Done && Value == value,
        OperationKind.CompareAndSet => Expected == value,
        _ => false,
    };
}
