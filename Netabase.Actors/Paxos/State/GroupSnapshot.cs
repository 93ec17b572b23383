using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Netabase.Persistence;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.State;

/// <summary>
/// A group's state on its way to another node: version (1), then with its length (4, little-endian) each the bookkeeping
/// (<see cref="AppliedState.Write"/>) and the machine's note, then the machine's state to the end.
/// </summary>
internal static class GroupSnapshot
{
    private const byte Version = 1;
    private const int LengthSize = 4;

    /// <summary>As of now, from one snapshot of the store.</summary>
    public static (SnapshotInfo Info, ReadOnlyMemory<byte> Bytes) Make(IRecordStore store, string group, PaxosSettings settings, Membership founded, IGroupMachineKind kind)
    {
        using var snapshot = store.OpenSnapshot(0);
        var page = AppliedBook.Open(snapshot, group, settings, founded);
        var bytes = new ArrayBufferWriter<byte>(1 << 16);
        bytes.GetSpan(1)[0] = Version;
        bytes.Advance(1);
        Write(bytes, page.State.Write());
        Write(bytes, page.Note);
        kind.Write(snapshot, bytes);
        return (new SnapshotInfo(Digest.Of(bytes.WrittenSpan), page.State.Through, bytes.WrittenCount), bytes.WrittenMemory);
    }

    /// <summary>Takes one apart.</summary>
    /// <exception cref="RecordFormatException">The bytes are none.</exception>
    public static (AppliedState State, Payload Note, ImmutableArray<StoreWrite> Writes) Read(ReadOnlyMemory<byte> bytes, PaxosSettings settings, IGroupMachineKind kind)
    {
        if (bytes.IsEmpty || bytes.Span[0] != Version)
        {
            throw new RecordFormatException("A snapshot of a version that is not known here.");
        }

        var rest = bytes[1..];
        var book = Take(ref rest);
        var note = Take(ref rest);
        kind.Check(new Payload(note));
        return AppliedState.TryRead(settings, new Payload(book), out var state)
            ? (state!, Payload.Copy(note.Span), kind.Replace(rest))
            : throw new RecordFormatException("A snapshot's bookkeeping is none.");
    }

    private static void Write(ArrayBufferWriter<byte> to, Payload part)
    {
        var span = to.GetSpan(LengthSize + part.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span, part.Length);
        part.Span.CopyTo(span[LengthSize..]);
        to.Advance(LengthSize + part.Length);
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> rest)
    {
        var length = rest.Length >= LengthSize ? BinaryPrimitives.ReadInt32LittleEndian(rest.Span) : -1;
        if (length < 0 || length > rest.Length - LengthSize)
        {
            throw new RecordFormatException("A snapshot is cut off.");
        }

        var part = rest.Slice(LengthSize, length);
        rest = rest[(LengthSize + length)..];
        return part;
    }
}
