using System.Buffers.Binary;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Noise;

/// <summary>
/// A key and its counter (Noise Protocol Framework, 5.1): the nonce is four zero bytes and the counter in little endian. The
/// counter never wraps; its last value is reserved, and reaching it ends the connection.
/// </summary>
public sealed class NoiseCipherState : IDisposable
{
    private readonly IAead _aead;
    private ulong _next;

    /// <summary>Starts at a counter of 0, or where a spec wants to look.</summary>
    public NoiseCipherState(ICryptography cryptography, ReadOnlySpan<byte> key, ulong next = 0)
    {
        ArgumentNullException.ThrowIfNull(cryptography);
        _aead = cryptography.CreateChaCha20Poly1305(key);
        _next = next;
    }

    /// <summary>Writes ciphertext and tag, which may start where the plaintext does.</summary>
    /// <exception cref="TransportException">The counter is used up.</exception>
    public void Seal(ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        Span<byte> nonce = stackalloc byte[IAead.NonceSize];
        WriteNonce(nonce);
        _aead.Seal(nonce, associated, plaintext, output);
        _next++;
    }

    /// <summary>Writes the plaintext, which may start where the ciphertext does.</summary>
    /// <exception cref="TransportException">It does not authenticate, or the counter is used up.</exception>
    public void Open(ReadOnlySpan<byte> associated, ReadOnlySpan<byte> input, Span<byte> plaintext)
    {
        Span<byte> nonce = stackalloc byte[IAead.NonceSize];
        WriteNonce(nonce);
        if (!_aead.TryOpen(nonce, associated, input, plaintext))
            throw new TransportException(TransportError.InvalidData, "Noise: a message does not authenticate.");
        _next++;
    }

    /// <inheritdoc/>
    public void Dispose() => _aead.Dispose();

    private void WriteNonce(Span<byte> nonce)
    {
        if (_next == ulong.MaxValue)
            throw new TransportException(TransportError.LimitReached, "Noise: the nonces of this connection are used up.");
        nonce[..4].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], _next);
    }
}
