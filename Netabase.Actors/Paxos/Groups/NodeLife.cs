using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Netabase.Actors.Settings;
using Netabase.Multiformats;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Groups;

/// <summary>
/// The names of disks' lives, derived so that founders know each other's before they have spoken: the first 16 bytes of the
/// SHA-256 over the domain, the group, the peer and the incarnation, each with its length where it has one (<c>specs/wire.md</c>).
/// </summary>
internal static class NodeLife
{
    private static readonly byte[] Domain = Encoding.ASCII.GetBytes("netabase-paxos-life-1");

    public static NodeId Derive(string group, PeerId peer, int incarnation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Domain);
        Append(hash, Encoding.ASCII.GetBytes(group));
        Append(hash, peer.Multihash.Span);
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, incarnation);
        hash.AppendData(number);
        return new NodeId(BinaryPrimitives.ReadUInt128BigEndian(hash.GetHashAndReset()));
    }

    /// <summary>Who governs a group's first slots.</summary>
    /// <param name="settings">The group.</param>
    /// <param name="local">This node: a group that names no members begins with it alone.</param>
    public static Membership Founders(GroupSettings settings, PeerId local)
    {
        var peers = settings.Members.IsEmpty ? [local] : settings.Members.Select(member => member.Peer).ToImmutableArray();
        return Membership.Founded([.. peers.Select(peer => new Member(Derive(settings.Name, peer, 0), peer.Multihash))], settings.Window);
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}
