using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Netabase;

/// <summary>
/// Writes protobuf wire format in one pass: no size is computed beforehand, and a length is put before its content afterwards.
/// Used by generated code; <c>specs/wire.md</c> says what each type looks like. It works on the caller's memory and goes
/// over to a pooled array when that is too small.
/// </summary>
public ref partial struct WireWriter
{
    /// <summary>How deep records may be nested in one another, in both directions.</summary>
    public const int DepthMax = 64;

    private const int FirstClaim = 256;

    private readonly IBufferWriter<byte>? _output;
    private Span<byte> _buffer;
    private byte[]? _rented;
    private int _at;
    private int _depth;

    /// <summary>Starts on memory of the caller's; read <see cref="Written"/> and then <see cref="Dispose"/>.</summary>
    public WireWriter(Span<byte> initial) => _buffer = initial;

    /// <summary>Starts in the output's own memory; nothing is handed over before <see cref="Flush"/>.</summary>
    public WireWriter(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
        _buffer = output.GetSpan(FirstClaim);
    }

    /// <summary>What was written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._at];

    /// <summary>Whether the memory it started on was too small.</summary>
    internal readonly bool HasOutgrown => _rented is not null;

    /// <summary>Hands everything written to the output, and gives pooled memory back.</summary>
    public void Flush()
    {
        if (_output is { } output)
        {
            if (_rented is null)
            {
                output.Advance(_at);
            }
            else
            {
                output.Write(_buffer[.._at]);
            }
        }

        Dispose();
    }

    /// <summary>Gives pooled memory back.</summary>
    public void Dispose()
    {
        var rented = _rented;
        _rented = null;
        _buffer = default;
        _at = 0;
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Writes the tag of a nested record, a map entry or a packed list, and leaves room for its length.</summary>
    /// <returns>What <see cref="EndLength"/> wants to know.</returns>
    /// <exception cref="ArgumentException">Records are nested more than <see cref="DepthMax"/> deep.</exception>
    public int BeginLength(uint tag)
    {
        if (++_depth > DepthMax)
        {
            ThrowTooDeep();
        }

        ref var room = ref Room(MaxTag + 1);
        _at += PutTag(ref room, tag) + 1;
        return _at;
    }

    /// <summary>Writes the length of what was written since <see cref="BeginLength"/> into the room left for it.</summary>
    public void EndLength(int start)
    {
        _depth--;
        var length = _at - start;
        var extra = VarintWidth((uint)length) - 1;
        if (extra > 0)
        {
            // A length of 128 and more needs a second byte: the content makes room for it.
            _ = Room(extra);
            _buffer.Slice(start, length).CopyTo(_buffer[(start + extra)..]);
            _at += extra;
        }

        _ = PutLength(ref _buffer[start - 1], (uint)length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte Room(int count)
    {
        if (_buffer.Length - _at < count)
        {
            Grow(count);
        }

        return ref Unsafe.Add(ref MemoryMarshal.GetReference(_buffer), _at);
    }

    [DoesNotReturn]
    private static void ThrowTooDeep() => throw new ArgumentException($"Values are nested more than {DepthMax} deep.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        var needed = (long)_at + count;
        if (needed > Array.MaxLength)
        {
            throw new ArgumentException("The value is larger than two gibibytes.");
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(needed, _buffer.Length * 2L), Array.MaxLength));
        _buffer[.._at].CopyTo(larger);
        if (_rented is { } old)
        {
            ArrayPool<byte>.Shared.Return(old);
        }

        _buffer = _rented = larger;
    }
}
