using System.Buffers;

namespace Netabase;

/// <summary>Collects key bytes on the caller's stack, and in a pooled array when they outgrow it. Dispose it.</summary>
public ref partial struct KeyWriter
{
    private Span<byte> _buffer;
    private byte[]? _rented;
    private int _length;

    /// <summary>Starts on memory of the caller's.</summary>
    public KeyWriter(Span<byte> initial) => _buffer = initial;

    /// <summary>What was written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    /// <summary>Room for so many bytes more, counted as written.</summary>
    public Span<byte> Claim(int count)
    {
        if (_length + count > _buffer.Length)
        {
            Grow(_length + count);
        }

        var room = _buffer.Slice(_length, count);
        _length += count;
        return room;
    }

    /// <summary>Gives pooled memory back.</summary>
    public void Dispose()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            _buffer = default;
            _length = 0;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _buffer.Length * 2));
        _buffer[.._length].CopyTo(larger);
        if (_rented is { } old)
        {
            ArrayPool<byte>.Shared.Return(old);
        }

        _buffer = _rented = larger;
    }
}
