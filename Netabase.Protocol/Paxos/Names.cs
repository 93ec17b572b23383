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

    /// <summary>The one after.</summary>
    public Slot Next => new(Number + 1);

    /// <summary>The one before; <see cref="None"/> has none, and stays.</summary>
    public Slot Previous => Number == 0 ? this : new(Number - 1);

    /// <summary>So many places on.</summary>
    public Slot Plus(long places) => new(checked(Number + (ulong)places));

    /// <summary>So many places back, but not before <see cref="None"/>.</summary>
    public Slot Minus(long places) => Number <= (ulong)places ? None : new(Number - (ulong)places);

    /// <summary>How many places after the other; negative when before it.</summary>
    public long Since(Slot other) => (long)(Number - other.Number);

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
    /// <summary>Lower than every ballot.</summary>
    public static Ballot None => default;

    /// <summary>Whether it is <see cref="None"/>.</summary>
    public bool IsNone => Number == 0;

    /// <inheritdoc/>
    public int CompareTo(Ballot other) =>
        Number != other.Number ? Number.CompareTo(other.Number) : Owner.CompareTo(other.Owner);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}.{Owner}");

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
