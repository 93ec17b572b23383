using System.Globalization;

namespace Netabase.Protocol.Paxos;

/// <summary>The name of a replicated log. Several live on one node, each with members, ballots and slots of its own.</summary>
public readonly record struct GroupId(string Name)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>
/// One life of a member's disk: drawn at the birth of its acceptor's journal and stored inside it. A disk that was lost, or put
/// back from a backup, comes back under another id, and so can never contradict what it has forgotten.
/// </summary>
public readonly record struct NodeId(UInt128 Value) : IComparable<NodeId>
{
    /// <inheritdoc/>
    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>Order of the numbers.</summary>
    public static bool operator <(NodeId left, NodeId right) => left.Value < right.Value;

    /// <summary>Order of the numbers.</summary>
    public static bool operator >(NodeId left, NodeId right) => left.Value > right.Value;

    /// <summary>Order of the numbers.</summary>
    public static bool operator <=(NodeId left, NodeId right) => left.Value <= right.Value;

    /// <summary>Order of the numbers.</summary>
    public static bool operator >=(NodeId left, NodeId right) => left.Value >= right.Value;
}

/// <summary>The number of a configuration: each change that takes hold counts one up.</summary>
public readonly record struct ConfigId(ulong Number)
{
    /// <inheritdoc/>
    public override string ToString() => "c" + Number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A place in the log. The first is 1; 0 stands for "none yet".</summary>
public readonly record struct Slot(ulong Number) : IComparable<Slot>
{
    /// <summary>Before the first.</summary>
    public static Slot None => default;

    /// <summary>Later than every slot.</summary>
    public static Slot Last => new(ulong.MaxValue);

    /// <summary>The highest that a log comes to, and a member may name: 2^53 - 1, which the numbers of every language hold.</summary>
    public static Slot Highest => new((1UL << 53) - 1);

    /// <summary>The one after; <see cref="Last"/> has none, and stays.</summary>
    public Slot Next => Number == ulong.MaxValue ? this : new(Number + 1);

    /// <summary>The one before; <see cref="None"/> has none, and stays.</summary>
    public Slot Previous => Number == 0 ? this : new(Number - 1);

    /// <summary>So many places on, but not beyond <see cref="Last"/>.</summary>
    public Slot Plus(long places) => (ulong)places > ulong.MaxValue - Number ? Last : new(Number + (ulong)places);

    /// <summary>So many places back, but not before <see cref="None"/>.</summary>
    public Slot Minus(long places) => Number <= (ulong)places ? None : new(Number - (ulong)places);

    /// <summary>How many places after the other; negative when before it. More than a long can say is said as the most it can.</summary>
    public long Since(Slot other) => Number >= other.Number
        ? (long)Math.Min(Number - other.Number, long.MaxValue)
        : -(long)Math.Min(other.Number - Number, long.MaxValue);

    /// <inheritdoc/>
    public int CompareTo(Slot other) => Number.CompareTo(other.Number);

    /// <inheritdoc/>
    public override string ToString() => Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The later of two.</summary>
    public static Slot Max(Slot left, Slot right) => left.Number >= right.Number ? left : right;

    /// <summary>The earlier of two.</summary>
    public static Slot Min(Slot left, Slot right) => left.Number <= right.Number ? left : right;

    /// <summary>Earlier.</summary>
    public static bool operator <(Slot left, Slot right) => left.Number < right.Number;

    /// <summary>Later.</summary>
    public static bool operator >(Slot left, Slot right) => left.Number > right.Number;

    /// <summary>Not later.</summary>
    public static bool operator <=(Slot left, Slot right) => left.Number <= right.Number;

    /// <summary>Not earlier.</summary>
    public static bool operator >=(Slot left, Slot right) => left.Number >= right.Number;
}

/// <summary>
/// Number first, owner second, so no two nodes can ever own the same ballot, under whatever configuration. Number 0 is nobody's:
/// lower than every ballot that is led on.
/// </summary>
public readonly record struct Ballot(ulong Number, NodeId Owner) : IComparable<Ballot>
{
    // Candidacies of a group that lives 136 years with one a second; and steps between what two nodes have heard of.
    private const ulong Candidacies = 1UL << 32;
    private const ulong Steps = 1024;

    /// <summary>Lower than every ballot.</summary>
    public static Ballot None => default;

    /// <summary>The highest number there is, 2^53 - 1, which the numbers of every language hold.</summary>
    public static ulong HighestNumber => (1UL << 53) - 1;

    /// <summary>Whether it is <see cref="None"/>.</summary>
    public bool IsNone => Number == 0;

    /// <inheritdoc/>
    public int CompareTo(Ballot other) =>
        Number != other.Number ? Number.CompareTo(other.Number) : Owner.CompareTo(other.Owner);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}.{Owner}");

    /// <summary>
    /// Whether a group can have come to it: a number counts candidacies, of which there are not as many as milliseconds. The bound rises with the
    /// clock, so that whoever uses it up stops nobody for good; and it needs no memory, so that it holds for who has been away for years.
    /// </summary>
    /// <param name="known">The highest ballot heard of: a few steps from there are always believed, whatever the clock says.</param>
    /// <param name="now">Unix milliseconds.</param>
    internal bool IsCredible(Ballot known, long now) =>
        Number <= known.Number
        || (Number <= HighestNumber && (Number <= Candidacies + (ulong)Math.Max(0, now) || Number - known.Number <= Steps));

    /// <summary>Lower.</summary>
    public static bool operator <(Ballot left, Ballot right) => left.CompareTo(right) < 0;

    /// <summary>Higher.</summary>
    public static bool operator >(Ballot left, Ballot right) => left.CompareTo(right) > 0;

    /// <summary>Not higher.</summary>
    public static bool operator <=(Ballot left, Ballot right) => left.CompareTo(right) <= 0;

    /// <summary>Not lower.</summary>
    public static bool operator >=(Ballot left, Ballot right) => left.CompareTo(right) >= 0;

    /// <summary>The higher of two.</summary>
    public static Ballot Max(Ballot left, Ballot right) => left >= right ? left : right;
}

/// <summary>One client's session, remembered in the replicated state. Its upper 48 bits are its birth in unix milliseconds, the rest is chance.</summary>
public readonly record struct ClientId(UInt128 Value)
{
    /// <summary>When it was drawn, unix milliseconds on the client's clock.</summary>
    public long Born => (long)(ulong)(Value >> 80);

    /// <summary>An id drawn now.</summary>
    /// <param name="born">Unix milliseconds.</param>
    /// <param name="chance">128 random bits, of which 80 are used.</param>
    public static ClientId Create(long born, UInt128 chance) => new(((UInt128)(ulong)born << 80) | (chance >> 48));

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}

/// <summary>The name of a command: a retry carries the same one and has one effect.</summary>
/// <param name="Client">Whose.</param>
/// <param name="Sequence">Counted up by the client from 1.</param>
public readonly record struct CommandId(ClientId Client, ulong Sequence)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Client}/{Sequence}");
}
