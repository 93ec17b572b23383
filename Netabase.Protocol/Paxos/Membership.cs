using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>
/// Who governs which slot, as a function of the chosen prefix: every node that knows the prefix agrees. A change chosen in slot i
/// governs from i + alpha on (Lamport, Malkhi, Zhou: Reconfiguring a State Machine, 2010), and nobody proposes further than alpha
/// beyond what it knows to be chosen, so whoever proposes knows who votes.
/// </summary>
/// <remarks>
/// Another alpha counts at once when it is larger. A smaller one casts a shadow: the window in force falls by one a slot, since a
/// leader that has not yet seen the change may have proposed up to the old one.
/// </remarks>
public sealed class Membership
{
    private readonly ImmutableArray<Configuration> _configurations;
    private readonly Slot _shadowAt;
    private readonly int _shadow;

    private Membership(ImmutableArray<Configuration> configurations, Slot shadowAt, int shadow)
    {
        _configurations = configurations;
        _shadowAt = shadowAt;
        _shadow = shadow;
    }

    /// <summary>Bounds of a window.</summary>
    public static (int Least, int Most) WindowBounds => (1, 4096);

    /// <summary>The configuration a group begins with; every founder is given the same.</summary>
    public static Membership Founded(ImmutableArray<Member> voters, int window) => new(
        [new Configuration(new ConfigId(1), new Slot(1), voters.Sort(static (a, b) => a.Node.CompareTo(b.Node)), [], window)], Slot.None, window);

    /// <summary>The newest configuration, which may not govern yet.</summary>
    public Configuration Newest => _configurations[^1];

    /// <summary>Those that are not over, oldest first.</summary>
    public ImmutableArray<Configuration> Configurations => _configurations;

    /// <summary>Who votes in a slot.</summary>
    public Configuration At(Slot slot)
    {
        var i = _configurations.Length - 1;
        while (i > 0 && _configurations[i].ActiveFrom > slot)
        {
            i--;
        }

        return _configurations[i];
    }

    /// <summary>Every configuration that governs this slot or a later one, oldest first.</summary>
    public ReadOnlySpan<Configuration> GoverningFrom(Slot slot)
    {
        var i = _configurations.Length - 1;
        while (i > 0 && _configurations[i].ActiveFrom > slot)
        {
            i--;
        }

        return _configurations.AsSpan()[i..];
    }

    /// <summary>The last slot governed by the configuration that governs this one.</summary>
    public Slot LastGovernedWith(Slot slot)
    {
        var governing = GoverningFrom(slot);
        return governing.Length > 1 ? governing[1].ActiveFrom.Previous : Slot.Last;
    }

    /// <summary>How far beyond a chosen prefix may be proposed.</summary>
    public int WindowAt(Slot chosenThrough) =>
        (int)Math.Max(Newest.Window, _shadow - Math.Max(0, chosenThrough.Since(_shadowAt)));

    /// <summary>Whether the node votes in any configuration that governs this slot or a later one.</summary>
    public bool IsVoterFrom(Slot slot, NodeId node)
    {
        foreach (var configuration in GoverningFrom(slot))
        {
            if (configuration.IsVoter(node))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Everybody who votes or learns from this slot on, each once, in the order of the configurations.</summary>
    public ImmutableArray<Member> MembersFrom(Slot slot)
    {
        var members = ImmutableArray.CreateBuilder<Member>();
        foreach (var configuration in GoverningFrom(slot))
        {
            Add(members, configuration.Voters);
            Add(members, configuration.Learners);
        }

        return members.ToImmutable();
    }

    /// <summary>The membership after a slot is known to be chosen.</summary>
    /// <param name="slot">The slot after the last one given.</param>
    /// <param name="batch">What was chosen.</param>
    /// <param name="taken">Whether it held a change that took hold; a change made for another membership has no effect.</param>
    public Membership After(Slot slot, Batch batch, out bool taken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        taken = false;
        if (batch.Kind != BatchKind.Change || !MembershipChange.TryRead(batch.Commands[0].Body, out var change))
        {
            return this;
        }

        if (Next(slot, change!) is not { } next)
        {
            return this;
        }

        taken = true;
        var before = WindowAt(slot.Previous);
        var shadow = next.Window >= before ? next.Window : before - 1;
        return new Membership([.. GoverningFrom(slot), next with { ActiveFrom = slot.Plus(shadow) }], slot, shadow);
    }

    /// <summary>Whether a change would take hold in this slot; a leader asks before it proposes one.</summary>
    public bool Allows(Slot slot, MembershipChange change) => Next(slot, change) is not null;

    /// <summary>Its bytes, little-endian.</summary>
    public Payload Write()
    {
        var size = 16;
        foreach (var configuration in _configurations)
        {
            size += 28;
            foreach (var member in configuration.Voters)
            {
                size += 20 + member.Peer.Length;
            }

            foreach (var member in configuration.Learners)
            {
                size += 20 + member.Peer.Length;
            }
        }

        var bytes = new byte[size];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, _shadowAt.Number);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), _shadow);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), _configurations.Length);
        var at = bytes.AsSpan(16);
        foreach (var configuration in _configurations)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(at, configuration.Id.Number);
            BinaryPrimitives.WriteUInt64LittleEndian(at[8..], configuration.ActiveFrom.Number);
            BinaryPrimitives.WriteInt32LittleEndian(at[16..], configuration.Window);
            BinaryPrimitives.WriteInt32LittleEndian(at[20..], configuration.Voters.Length);
            BinaryPrimitives.WriteInt32LittleEndian(at[24..], configuration.Learners.Length);
            at = Write(Write(at[28..], configuration.Voters), configuration.Learners);
        }

        return new Payload(bytes);
    }

    /// <summary>False when the bytes are no membership.</summary>
    public static bool TryRead(Payload bytes, out Membership? membership)
    {
        membership = null;
        var reader = new FieldReader(bytes);
        var shadowAt = new Slot(reader.UInt64());
        var shadow = reader.Int32();
        var count = reader.Int32();
        var configurations = ImmutableArray.CreateBuilder<Configuration>();
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var id = new ConfigId(reader.UInt64());
            var from = new Slot(reader.UInt64());
            var window = reader.Int32();
            var voters = reader.Int32();
            var learners = reader.Int32();
            configurations.Add(new Configuration(id, from, Members(ref reader, voters), Members(ref reader, learners), window));
        }

        if (reader.Failed || !reader.AtEnd || configurations.Count == 0)
        {
            return false;
        }

        membership = new Membership(configurations.ToImmutable(), shadowAt, shadow);
        return true;
    }

    private static ImmutableArray<Member> Members(ref FieldReader reader, int count)
    {
        var members = ImmutableArray.CreateBuilder<Member>();
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            members.Add(new Member(new NodeId(reader.UInt128()), reader.Bytes()));
        }

        return members.ToImmutable();
    }

    private static Span<byte> Write(Span<byte> at, ImmutableArray<Member> members)
    {
        foreach (var member in members)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(at, member.Node.Value);
            BinaryPrimitives.WriteInt32LittleEndian(at[16..], member.Peer.Length);
            member.Peer.Span.CopyTo(at[20..]);
            at = at[(20 + member.Peer.Length)..];
        }

        return at;
    }

    private static void Add(ImmutableArray<Member>.Builder members, ImmutableArray<Member> more)
    {
        foreach (var member in more)
        {
            var known = false;
            foreach (var other in members)
            {
                known |= other.Node == member.Node;
            }

            if (!known)
            {
                members.Add(member);
            }
        }
    }

    private Configuration? Next(Slot slot, MembershipChange change)
    {
        var newest = Newest;
        if (change.Expected != newest.Id || newest.ActiveFrom > slot)
        {
            return null;
        }

        var next = newest with { Id = new ConfigId(newest.Id.Number + 1) };
        switch (change)
        {
            case MembershipChange.AddLearner add when !newest.IsMember(add.Member.Node):
                return next with { Learners = Sorted(newest.Learners.Add(add.Member)) };
            case MembershipChange.Promote promote when Configuration.IndexOf(newest.Learners, promote.Node) is >= 0 and var at:
                return next with
                {
                    Voters = Sorted(newest.Voters.Add(newest.Learners[at])),
                    Learners = newest.Learners.RemoveAt(at),
                };
            case MembershipChange.Remove remove when Configuration.IndexOf(newest.Learners, remove.Node) is >= 0 and var at:
                return next with { Learners = newest.Learners.RemoveAt(at) };
            case MembershipChange.Remove remove when newest.Voters.Length > 1
                && Configuration.IndexOf(newest.Voters, remove.Node) is >= 0 and var at:
                return next with { Voters = newest.Voters.RemoveAt(at) };
            case MembershipChange.SetWindow window when window.Window >= WindowBounds.Least && window.Window <= WindowBounds.Most:
                return next with { Window = window.Window };
            default:
                return null;
        }
    }

    private static ImmutableArray<Member> Sorted(ImmutableArray<Member> members) =>
        members.Sort(static (a, b) => a.Node.CompareTo(b.Node));
}
