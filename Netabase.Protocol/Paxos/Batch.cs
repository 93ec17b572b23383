using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>What a client wants done.</summary>
/// <param name="Id">Its name.</param>
/// <param name="AnsweredBelow">The client has the answers of all its sequence numbers below this one: their outcomes may be forgotten.</param>
/// <param name="Body">Opaque here; the state machine reads it.</param>
public readonly record struct Command(CommandId Id, ulong AnsweredBelow, Payload Body);

/// <summary>What a slot holds.</summary>
public enum BatchKind : byte
{
    /// <summary>Nothing: fills a hole, or marks the start of a term.</summary>
    NoOp = 0,

    /// <summary>Commands of clients, applied in their order.</summary>
    Commands = 1,

    /// <summary>One change of the membership.</summary>
    Change = 2,
}

/// <summary>
/// The value of a slot. It owns its canonical bytes: the digest is taken over them, wire and journal copy them as they stand, and
/// the commands are read in place when the batch is applied.
/// </summary>
/// <remarks>
/// The bytes, integers little-endian: version (1), kind, stamp (8), count (4), then per command client (16), sequence (8),
/// answered below (8), length (4), body. A no-op counts none; a change counts one, whose body is a <see cref="MembershipChange"/>.
/// </remarks>
public sealed class Batch : IEquatable<Batch>
{
    private const byte Version = 1;
    private const int HeaderSize = 14;
    private const int CommandHeaderSize = 36;
    private ImmutableArray<Command> _commands;

    private Batch(BatchKind kind, long stampedAt, int count, Payload bytes, ImmutableArray<Command> commands)
    {
        Kind = kind;
        StampedAt = stampedAt;
        Count = count;
        Bytes = bytes;
        Digest = Digest.Of(bytes.Span);
        _commands = commands;
    }

    /// <summary>What it holds.</summary>
    public BatchKind Kind { get; }

    /// <summary>Its leader's clock in unix milliseconds: the only time a state machine may know.</summary>
    public long StampedAt { get; }

    /// <summary>Commands in it.</summary>
    public int Count { get; }

    /// <summary>The canonical bytes.</summary>
    public Payload Bytes { get; }

    /// <summary>SHA-256 of the canonical bytes: the batch's id.</summary>
    public Digest Digest { get; }

    /// <summary>The commands, their bodies slices of <see cref="Bytes"/>.</summary>
    public ImmutableArray<Command> Commands => _commands.IsDefault ? _commands = Read(Bytes, Count) : _commands;

    /// <summary>Nothing, stamped.</summary>
    public static Batch NoOp(long stampedAt) => Make(BatchKind.NoOp, [], stampedAt);

    /// <summary>Commands of clients.</summary>
    public static Batch Of(ReadOnlySpan<Command> commands, long stampedAt) => Make(BatchKind.Commands, commands, stampedAt);

    /// <summary>A change of the membership, named like a client's command so that a retry has one effect.</summary>
    public static Batch Of(CommandId id, ulong answeredBelow, MembershipChange change, long stampedAt)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Make(BatchKind.Change, [new Command(id, answeredBelow, change.Write())], stampedAt);
    }

    /// <summary>Bytes a command takes in a batch.</summary>
    public static int BytesOf(in Command command) => checked(CommandHeaderSize + command.Body.Length);

    /// <summary>Bytes that came from outside; false when they are no batch.</summary>
    public static bool TryRead(Payload bytes, out Batch? batch)
    {
        batch = null;
        var span = bytes.Span;
        if (span.Length < HeaderSize || span[0] != Version || span[1] > (byte)BatchKind.Change)
        {
            return false;
        }

        var kind = (BatchKind)span[1];
        var count = BinaryPrimitives.ReadUInt32LittleEndian(span[10..]);
        var at = HeaderSize;
        for (uint i = 0; i < count; i++)
        {
            if (span.Length - at < CommandHeaderSize)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt32LittleEndian(span[(at + 32)..]);
            at += CommandHeaderSize;
            if (length > (uint)(span.Length - at))
            {
                return false;
            }

            at += (int)length;
        }

        if (at != span.Length || !CountFits(kind, count))
        {
            return false;
        }

        batch = new Batch(kind, BinaryPrimitives.ReadInt64LittleEndian(span[2..]), (int)count, bytes, default);
        if (kind == BatchKind.Change && !MembershipChange.TryRead(batch.Commands[0].Body, out _))
        {
            batch = null;
        }

        return batch is not null;
    }

    /// <inheritdoc/>
    public bool Equals(Batch? other) => other is not null && Digest == other.Digest;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Batch other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}({Count}) {Digest.A:x16}";

    private static bool CountFits(BatchKind kind, uint count) => kind switch
    {
        BatchKind.NoOp => count == 0,
        BatchKind.Change => count == 1,
        _ => count > 0,
    };

    private static Batch Make(BatchKind kind, ReadOnlySpan<Command> commands, long stampedAt)
    {
        var size = HeaderSize;
        foreach (ref readonly var command in commands)
        {
            size = checked(size + CommandHeaderSize + command.Body.Length);
        }

        var bytes = new byte[size];
        bytes[0] = Version;
        bytes[1] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), stampedAt);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(10), (uint)commands.Length);
        var at = bytes.AsSpan(HeaderSize);
        foreach (ref readonly var command in commands)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(at, command.Id.Client.Value);
            BinaryPrimitives.WriteUInt64LittleEndian(at[16..], command.Id.Sequence);
            BinaryPrimitives.WriteUInt64LittleEndian(at[24..], command.AnsweredBelow);
            BinaryPrimitives.WriteUInt32LittleEndian(at[32..], (uint)command.Body.Length);
            command.Body.Span.CopyTo(at[CommandHeaderSize..]);
            at = at[(CommandHeaderSize + command.Body.Length)..];
        }

        return new Batch(kind, stampedAt, commands.Length, new Payload(bytes), default);
    }

    private static ImmutableArray<Command> Read(Payload bytes, int count)
    {
        var commands = ImmutableArray.CreateBuilder<Command>(count);
        var at = HeaderSize;
        for (var i = 0; i < count; i++)
        {
            var header = bytes.Span[at..];
            var id = new CommandId(
                new ClientId(BinaryPrimitives.ReadUInt128LittleEndian(header)), BinaryPrimitives.ReadUInt64LittleEndian(header[16..]));
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(header[32..]);
            at += CommandHeaderSize;
            commands.Add(new Command(
                id, BinaryPrimitives.ReadUInt64LittleEndian(header[24..]), new Payload(bytes.Memory.Slice(at, length))));
            at += length;
        }

        return commands.MoveToImmutable();
    }
}
