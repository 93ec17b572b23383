using System.Buffers;
using Netabase.Multiformats;

namespace Netabase.Transport.Framing;

/// <summary>Frames that wait, one behind the other, in pooled memory; large memory goes back once it was needed and sent.</summary>
internal sealed class SendBuffer
{
    private const int Kept = 64 * 1024;
    private byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void AppendFrame(ReadOnlySpan<byte> frame)
    {
        var needed = Length + UVarint.MaxLength + frame.Length;
        if (needed > _bytes.Length)
        {
            Grow(needed);
        }

        Length += UVarint.Write(_bytes.AsSpan(Length), (ulong)frame.Length);
        frame.CopyTo(_bytes.AsSpan(Length));
        Length += frame.Length;
    }

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > Kept)
        {
            Release();
        }
    }

    public void Release()
    {
        Length = 0;
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _bytes.Length * 2));
        Written.CopyTo(larger);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
    }
}
