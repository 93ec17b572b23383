using System.Buffers.Binary;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Noise;

/// <summary>
/// The frames of a Noise connection: two bytes of length, big endian, and at most 65,535 bytes of ciphertext and tag (libp2p
/// noise, "Wire Format"). Sealed and opened in place, without an allocation.
/// </summary>
public sealed class NoiseCodec : IFrameCodec
{
    private const int LengthSize = sizeof(ushort);

    private readonly NoiseCipherState _send;
    private readonly NoiseCipherState _receive;

    /// <summary>Takes over the ciphers of a finished handshake.</summary>
    public NoiseCodec(NoiseCipherState send, NoiseCipherState receive) => (_send, _receive) = (send, receive);

    /// <inheritdoc/>
    public int MaxPlaintext => ushort.MaxValue - IAead.TagSize;

    /// <inheritdoc/>
    public int Overhead => LengthSize + IAead.TagSize;

    /// <inheritdoc/>
    public int Prefix => LengthSize;

    /// <inheritdoc/>
    public int Seal(Span<byte> frame, int plaintext)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintext, MaxPlaintext);
        var length = plaintext + IAead.TagSize;
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)length);
        _send.Seal(default, frame.Slice(LengthSize, plaintext), frame.Slice(LengthSize, length));
        return LengthSize + length;
    }

    /// <inheritdoc/>
    public bool TryOpen(Span<byte> received, out int consumed, out Range plaintext)
    {
        consumed = 0;
        plaintext = default;
        if (received.Length < LengthSize) return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(received);
        if (length < IAead.TagSize) throw new TransportException(TransportError.ProtocolViolation, "Noise: a frame too short for its tag.");
        if (received.Length < LengthSize + length) return false;

        var end = LengthSize + length - IAead.TagSize;
        _receive.Open(default, received.Slice(LengthSize, length), received[LengthSize..end]);
        consumed = LengthSize + length;
        plaintext = LengthSize..end;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _send.Dispose();
        _receive.Dispose();
    }
}
