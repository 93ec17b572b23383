namespace Netabase.Transport.Keys;

/// <summary>
/// A node's own key: it proves who the node is. Thread-safe. It never prints itself; <see cref="Encode"/> is the one way
/// out. Disposing it forgets the key as far as the library below allows.
/// </summary>
public sealed class PrivateKey : IDisposable
{
    private readonly byte[] _data;
    private readonly ISigner _signer;

    private PrivateKey(KeyType type, byte[] data, ICryptography cryptography)
    {
        _signer = cryptography.CreateSigner(type, data);

        // The old form of an Ed25519 key is read and not written again.
        _data = type == KeyType.Ed25519 ? data[..64] : data;
        PublicKey = PublicKey.Create(type, _signer.PublicKey);
    }

    /// <summary>Which kind of key.</summary>
    public KeyType Type => PublicKey.Type;

    /// <summary>The half that everybody may know.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>A fresh key. ECDSA is P-256.</summary>
    /// <param name="type">Which kind; Ed25519 unless there is a reason.</param>
    /// <param name="rsaBits">The modulus of an RSA key, 2,048 to 8,192.</param>
    /// <param name="cryptography">Who computes; null for <see cref="Cryptography.Default"/>.</param>
    public static PrivateKey Generate(KeyType type = KeyType.Ed25519, int rsaBits = 2048, ICryptography? cryptography = null)
    {
        cryptography ??= Cryptography.Default;
        return new PrivateKey(type, cryptography.GeneratePrivateKey(type, rsaBits), cryptography);
    }

    /// <summary>Reads the deterministic <c>PrivateKey</c> message and nothing else.</summary>
    /// <exception cref="TransportException">Malformed, or its halves do not belong together (<see cref="TransportError.InvalidData"/>).</exception>
    public static PrivateKey Decode(ReadOnlySpan<byte> encoded, ICryptography? cryptography = null)
    {
        KeyMessage.Decode(encoded, out var type, out var data);
        return new PrivateKey(type, data.ToArray(), cryptography ?? Cryptography.Default);
    }

    /// <summary>The deterministic <c>PrivateKey</c> message: the secret itself.</summary>
    public byte[] Encode() => KeyMessage.Encode(Type, _data);

    /// <summary>The signature of a message, in the form its <see cref="KeyType"/> says.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => _signer.Sign(message);

    /// <inheritdoc/>
    public void Dispose()
    {
        _signer.Dispose();
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(_data);
    }

    /// <summary>The public half, for logs.</summary>
    public override string ToString() => PublicKey.ToString();
}
