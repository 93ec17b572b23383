using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>A member.</summary>
/// <param name="Node">The life of its disk.</param>
/// <param name="Peer">The bytes of its peer id: where the network finds it.</param>
public readonly record struct Member(NodeId Node, Payload Peer);

/// <summary>Who votes from a slot on.</summary>
/// <param name="Id">Its number.</param>
/// <param name="ActiveFrom">The first slot it governs: alpha after the slot that chose it.</param>
/// <param name="Voters">Whose majority chooses, in the order of their ids.</param>
/// <param name="Learners">Who is told and does not vote: neither in elections nor for leases.</param>
/// <param name="Window">Alpha: how many slots beyond the chosen prefix may be under way.</param>
public sealed record Configuration(
    ConfigId Id, Slot ActiveFrom, ImmutableArray<Member> Voters, ImmutableArray<Member> Learners, int Window)
{
    /// <summary>How many voters choose.</summary>
    public int Majority => (Voters.Length / 2) + 1;

    /// <summary>Whether this node votes.</summary>
    public bool IsVoter(NodeId node) => IndexOf(Voters, node) >= 0;

    /// <summary>Whether this node is told.</summary>
    public bool IsMember(NodeId node) => IsVoter(node) || IndexOf(Learners, node) >= 0;

    /// <inheritdoc/>
    public bool Equals(Configuration? other) =>
        other is not null && Id == other.Id && ActiveFrom == other.ActiveFrom && Window == other.Window
        && Voters.AsSpan().SequenceEqual(other.Voters.AsSpan()) && Learners.AsSpan().SequenceEqual(other.Learners.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, ActiveFrom, Voters.Length, Learners.Length, Window);

    internal static int IndexOf(ImmutableArray<Member> members, NodeId node)
    {
        for (var i = 0; i < members.Length; i++)
        {
            if (members[i].Node == node)
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>One step from a configuration to the next. A step moves at most one voter, so that old and new majorities overlap.</summary>
public abstract record MembershipChange
{
    private MembershipChange(ConfigId expected) => Expected = expected;

    /// <summary>The newest configuration its author knew; with another one in force the change has no effect.</summary>
    public ConfigId Expected { get; }

    /// <summary>Somebody new is told.</summary>
    public sealed record AddLearner(ConfigId Expected, Member Member) : MembershipChange(Expected);

    /// <summary>A learner becomes a voter.</summary>
    public sealed record Promote(ConfigId Expected, NodeId Node) : MembershipChange(Expected);

    /// <summary>A voter or learner leaves for ever: its id is not used again.</summary>
    public sealed record Remove(ConfigId Expected, NodeId Node) : MembershipChange(Expected);

    /// <summary>Another alpha. A smaller one falls by one a slot, so that nothing under way is caught outside.</summary>
    public sealed record SetWindow(ConfigId Expected, int Window) : MembershipChange(Expected);

    /// <summary>Kind (1), expected (8), then by kind node (16) and peer, node, or window (4); little-endian.</summary>
    public Payload Write()
    {
        var bytes = new byte[this switch { AddLearner add => 25 + add.Member.Peer.Length, SetWindow => 13, _ => 25 }];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), Expected.Number);
        var rest = bytes.AsSpan(9);
        switch (this)
        {
            case AddLearner add:
                bytes[0] = 1;
                BinaryPrimitives.WriteUInt128LittleEndian(rest, add.Member.Node.Value);
                add.Member.Peer.Span.CopyTo(rest[16..]);
                break;
            case Promote promote:
                bytes[0] = 2;
                BinaryPrimitives.WriteUInt128LittleEndian(rest, promote.Node.Value);
                break;
            case Remove remove:
                bytes[0] = 3;
                BinaryPrimitives.WriteUInt128LittleEndian(rest, remove.Node.Value);
                break;
            case SetWindow window:
                bytes[0] = 4;
                BinaryPrimitives.WriteInt32LittleEndian(rest, window.Window);
                break;
        }

        return new Payload(bytes);
    }

    /// <summary>False when the bytes are no change.</summary>
    public static bool TryRead(Payload bytes, out MembershipChange? change)
    {
        change = null;
        var span = bytes.Span;
        if (span.Length < 13)
        {
            return false;
        }

        var expected = new ConfigId(BinaryPrimitives.ReadUInt64LittleEndian(span[1..]));
        if (span[0] == 4 && span.Length == 13)
        {
            change = new SetWindow(expected, BinaryPrimitives.ReadInt32LittleEndian(span[9..]));
        }
        else if (span.Length >= 25)
        {
            var node = new NodeId(BinaryPrimitives.ReadUInt128LittleEndian(span[9..]));
            change = span[0] switch
            {
                1 => new AddLearner(expected, new Member(node, new Payload(bytes.Memory[25..]))),
                2 when span.Length == 25 => new Promote(expected, node),
                3 when span.Length == 25 => new Remove(expected, node),
                _ => null,
            };
        }

        return change is not null;
    }
}
