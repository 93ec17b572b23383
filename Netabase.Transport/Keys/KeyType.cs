namespace Netabase.Transport.Keys;

/// <summary>The kinds of identity keys of libp2p, by their number in its protobuf messages (peer-ids).</summary>
public enum KeyType
{
    /// <summary>RSA of 2,048 to 8,192 bits, PKCS#1 v1.5 signatures over SHA-256; old, kept for the public network.</summary>
    Rsa = 0,

    /// <summary>Ed25519; the default, and the only one everybody must know.</summary>
    Ed25519 = 1,

    /// <summary>ECDSA on secp256k1 over SHA-256, DER signatures with low S.</summary>
    Secp256k1 = 2,

    /// <summary>ECDSA on P-256, P-384 or P-521 over SHA-256, DER signatures.</summary>
    Ecdsa = 3,
}
