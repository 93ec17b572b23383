using System.Buffers.Binary;
using System.Security.Cryptography;
using Netabase.Actors.Paxos.Parts;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Groups;

/// <summary>
/// Names for operations. An <see cref="OperationId"/> is a version 7 GUID, which begins with its birth as a client's session does:
/// its first 108 bits are the session and its last 20, counted from one, the command's number in it. So a name tells all by itself, on whichever node it
/// comes back. This node's own operations share a session, drawn anew before it could be forgotten.
/// </summary>
internal sealed class OperationSession(PaxosClock clock, PaxosSettings settings)
{
    private const int SequenceBits = 20;
    private const int VersionShift = 76;
    private static readonly UInt128 SequenceMask = (UInt128.One << SequenceBits) - 1;

    private readonly Lock _gate = new();
    private readonly SortedSet<ulong> _open = [];
    private UInt128 _session;
    private ulong _last;
    private long _drawnAt = long.MinValue;

    /// <summary>A new operation's name.</summary>
    /// <param name="answeredBelow">What this node has heard of all operations before.</param>
    public OperationId Begin(out ulong answeredBelow)
    {
        lock (_gate)
        {
            var now = clock.Now();
            if (_drawnAt == long.MinValue || now - _drawnAt > settings.SessionExpiry / 4 || _last >= (ulong)SequenceMask)
            {
                Draw(now);
            }

            _open.Add(++_last);
            answeredBelow = _open.Min;
            return ToOperation(_session | (_last - 1));
        }
    }

    /// <summary>An operation has ended. One whose end is not known ends the session, so that a retry finds its name still remembered.</summary>
    public void End(OperationId id, bool isKnown)
    {
        var command = CommandOf(id);
        lock (_gate)
        {
            if (command.Client.Value == _session)
            {
                _open.Remove(command.Sequence);
                _drawnAt = isKnown ? _drawnAt : long.MinValue;
            }
        }
    }

    /// <summary>Whether a name carries its birth.</summary>
    public static bool IsUsable(OperationId id) => ((Read(id) >> VersionShift) & 0xF) == 7;

    /// <summary>The command of an operation.</summary>
    public static CommandId CommandOf(OperationId id)
    {
        var value = Read(id);
        return new CommandId(new ClientId(value & ~SequenceMask), (ulong)(value & SequenceMask) + 1);
    }

    private static UInt128 Read(OperationId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private static OperationId ToOperation(UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return new OperationId(new Guid(bytes, bigEndian: true));
    }

    private void Draw(long now)
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)now << 16) | 0x7000 | (BinaryPrimitives.ReadUInt64BigEndian(bytes) & 0xFFF));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        _session = BinaryPrimitives.ReadUInt128BigEndian(bytes) & ~SequenceMask;
        _drawnAt = now;
        _last = 0;
        _open.Clear();
    }
}
