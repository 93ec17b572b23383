using System.Security.Cryptography;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Noise;

/// <summary>The chaining key, the transcript hash and the key in use (Noise Protocol Framework, 5.2).</summary>
internal sealed class NoiseSymmetricState : IDisposable
{
    public const int HashSize = 32;

    private readonly ICryptography _cryptography;
    private readonly byte[] _chainingKey = new byte[HashSize];
    private readonly byte[] _hash = new byte[HashSize];
    private NoiseCipherState? _cipher;

    public NoiseSymmetricState(ICryptography cryptography, ReadOnlySpan<byte> protocolName)
    {
        _cryptography = cryptography;
        if (protocolName.Length <= HashSize) protocolName.CopyTo(_hash);
        else cryptography.Sha256(protocolName, default, _hash);
        _hash.CopyTo(_chainingKey, 0);
    }

    /// <summary>How many bytes a tag adds to what is encrypted now: none before the first key.</summary>
    public int TagSize => _cipher is null ? 0 : IAead.TagSize;

    /// <summary>The hash over everything both sides have said.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    public void MixHash(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[HashSize];
        _cryptography.Sha256(_hash, data, hash);
        hash.CopyTo(_hash);
    }

    public void MixKey(ReadOnlySpan<byte> shared)
    {
        Span<byte> output = stackalloc byte[2 * HashSize];
        _cryptography.HkdfSha256(shared, _chainingKey, default, output);
        output[..HashSize].CopyTo(_chainingKey);
        _cipher?.Dispose();
        _cipher = new NoiseCipherState(_cryptography, output[HashSize..]);
        CryptographicOperations.ZeroMemory(output);
    }

    /// <summary>Writes the plaintext, encrypted once there is a key, and returns how many bytes that took.</summary>
    public int EncryptAndHash(ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        output = output[..(plaintext.Length + TagSize)];
        if (_cipher is null) plaintext.CopyTo(output);
        else _cipher.Seal(_hash, plaintext, output);
        MixHash(output);
        return output.Length;
    }

    /// <summary>Writes what the input says and returns how many bytes that are.</summary>
    public int DecryptAndHash(ReadOnlySpan<byte> input, Span<byte> plaintext)
    {
        if (input.Length < TagSize) throw new TransportException(TransportError.InvalidData, "Noise: a handshake message is cut off.");
        plaintext = plaintext[..(input.Length - TagSize)];

        Span<byte> after = stackalloc byte[HashSize];
        _cryptography.Sha256(_hash, input, after);
        if (_cipher is null) input.CopyTo(plaintext);
        else _cipher.Open(_hash, input, plaintext);
        after.CopyTo(_hash);
        return plaintext.Length;
    }

    /// <summary>The keys of the two directions, the initiator's first.</summary>
    public (NoiseCipherState FromInitiator, NoiseCipherState FromResponder) Split()
    {
        Span<byte> output = stackalloc byte[2 * HashSize];
        _cryptography.HkdfSha256(default, _chainingKey, default, output);
        var pair = (new NoiseCipherState(_cryptography, output[..HashSize]), new NoiseCipherState(_cryptography, output[HashSize..]));
        CryptographicOperations.ZeroMemory(output);
        return pair;
    }

    public void Dispose()
    {
        _cipher?.Dispose();
        CryptographicOperations.ZeroMemory(_chainingKey);
    }
}
