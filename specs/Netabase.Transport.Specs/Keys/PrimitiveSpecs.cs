using System.Security.Cryptography;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Specs.Keys;

/// <summary>Every primitive of the seam, over both implementations, against the vectors of its RFC.</summary>
public sealed class PrimitiveSpecs
{
    public static TheoryData<string> Implementations => [NativeCryptography.Instance.Name, ManagedCryptography.Instance.Name];

    internal static ICryptography Get(string name) => name == "native" ? NativeCryptography.Instance : ManagedCryptography.Instance;

    [Fact]
    public void The_native_implementation_is_the_default_where_it_loads()
    {
        Assert.True(NativeCryptography.IsSupported);
        Assert.Same(NativeCryptography.Instance, Cryptography.Default);
    }

    /// <summary>FIPS 180-4 example: SHA-256 of "abc", however it is cut.</summary>
    [Theory]
    [MemberData(nameof(Implementations))]
    public void Sha256_of_two_pieces_is_that_of_both_in_a_row(string name)
    {
        for (var cut = 0; cut <= 3; cut++)
        {
            var hash = new byte[32];
            Get(name).Sha256("abc"u8[..cut], "abc"u8[cut..], hash);
            Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Convert.ToHexStringLower(hash));
        }
    }

    /// <summary>RFC 5869, A.1 and A.3.</summary>
    [Theory]
    [MemberData(nameof(Implementations))]
    public void Hkdf_gives_what_its_rfc_says(string name)
    {
        var key = Convert.FromHexString("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
        var output = new byte[42];
        Get(name).HkdfSha256(key, Convert.FromHexString("000102030405060708090a0b0c"), Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9"), output);
        Assert.Equal("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865", Convert.ToHexStringLower(output));
        Get(name).HkdfSha256(key, [], [], output);
        Assert.Equal("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8", Convert.ToHexStringLower(output));
    }

    /// <summary>RFC 7748, 6.1.</summary>
    [Theory]
    [MemberData(nameof(Implementations))]
    public void X25519_agrees_as_its_rfc_says(string name)
    {
        using var alice = Get(name).ImportX25519(Convert.FromHexString("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
        using var bob = Get(name).ImportX25519(Convert.FromHexString("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
        Assert.Equal("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", Convert.ToHexStringLower(alice.PublicKey));
        Assert.Equal("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", Convert.ToHexStringLower(bob.PublicKey));
        var shared = new byte[32];
        Assert.True(alice.TryAgree(bob.PublicKey, shared));
        Assert.Equal("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", Convert.ToHexStringLower(shared));
        Assert.True(bob.TryAgree(alice.PublicKey, shared));
        Assert.Equal("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", Convert.ToHexStringLower(shared));
    }

    /// <summary>RFC 7748, 6.1: "check whether the resulting shared secret is the all-zero value and abort if so".</summary>
    [Theory]
    [MemberData(nameof(Implementations))]
    public void X25519_agrees_with_no_point_of_small_order(string name)
    {
        string[] points =
        [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ];
        using var key = Get(name).CreateX25519();
        foreach (var point in points) Assert.False(key.TryAgree(Convert.FromHexString(point), new byte[32]), point);
        Assert.False(key.TryAgree(new byte[31], new byte[32]));
    }

    /// <summary>Noise never masks a public key's highest bit away before it hashes; the agreement must (RFC 7748, 5).</summary>
    [Theory]
    [MemberData(nameof(Implementations))]
    public void X25519_ignores_the_highest_bit_of_a_public_key(string name)
    {
        using var ours = Get(name).CreateX25519();
        using var theirs = ManagedCryptography.Instance.CreateX25519();
        var set = theirs.PublicKey.ToArray();
        set[31] |= 0x80;
        var (plain, masked) = (new byte[32], new byte[32]);
        Assert.True(ours.TryAgree(theirs.PublicKey, plain));
        Assert.True(ours.TryAgree(set, masked));
        Assert.Equal(plain, masked);
    }

    /// <summary>RFC 8439, 2.8.2.</summary>
    [Theory]
    [MemberData(nameof(Implementations))]
    public void ChaCha20Poly1305_seals_as_its_rfc_says(string name)
    {
        var key = Convert.FromHexString("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
        var nonce = Convert.FromHexString("070000004041424344454647");
        var associated = Convert.FromHexString("50515253c0c1c2c3c4c5c6c7");
        var plaintext = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."u8;
        using var aead = Get(name).CreateChaCha20Poly1305(key);
        var output = new byte[plaintext.Length + IAead.TagSize];
        aead.Seal(nonce, associated, plaintext, output);
        Assert.Equal(
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
            + "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116"
            + "1ae10b594f09e26a7e902ecbd0600691",
            Convert.ToHexStringLower(output));
        var opened = new byte[plaintext.Length];
        Assert.True(aead.TryOpen(nonce, associated, output, opened));
        Assert.Equal(plaintext.ToArray(), opened);
    }

    /// <summary>What one implementation seals the other opens, at every size around the switch between libraries, in place.</summary>
    [Fact]
    public void Both_seal_the_same_bytes_and_open_them_in_place()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        using var native = NativeCryptography.Instance.CreateChaCha20Poly1305(key);
        using var managed = ManagedCryptography.Instance.CreateChaCha20Poly1305(key);
        foreach (var size in new[] { 0, 1, 15, 16, 17, 63, 64, 65, 511, 512, 513, 1024, 1025, 2048, 2049, 4096, 65519 })
        {
            var plaintext = RandomNumberGenerator.GetBytes(size);
            var nonce = RandomNumberGenerator.GetBytes(12);
            var (one, two) = (new byte[size + 16], new byte[size + 16]);
            plaintext.CopyTo(one, 0);
            plaintext.CopyTo(two, 0);
            native.Seal(nonce, [], one.AsSpan(0, size), one);
            managed.Seal(nonce, [], two.AsSpan(0, size), two);
            Assert.Equal(one, two);
            Assert.True(native.TryOpen(nonce, [], two, two.AsSpan(0, size)));
            Assert.True(managed.TryOpen(nonce, [], one, one.AsSpan(0, size)));
            Assert.Equal(plaintext, two[..size]);
            Assert.Equal(plaintext, one[..size]);
        }
    }

    [Theory]
    [MemberData(nameof(Implementations))]
    public void A_frame_with_one_changed_bit_does_not_open(string name)
    {
        using var aead = Get(name).CreateChaCha20Poly1305(new byte[32]);
        foreach (var size in new[] { 0, 40, 5000 })
        {
            var sealedBytes = new byte[size + 16];
            var nonce = BitConverter.GetBytes((long)size).Concat(new byte[4]).ToArray();
            aead.Seal(nonce, [1], new byte[size], sealedBytes);
            foreach (var at in new[] { 0, size / 2, size + 15 })
            {
                var forged = sealedBytes.ToArray();
                forged[at] ^= 0x10;
                Assert.False(aead.TryOpen(nonce, [1], forged, new byte[size]));
            }

            Assert.False(aead.TryOpen(nonce, [2], sealedBytes, new byte[size]));
            Assert.True(aead.TryOpen(nonce, [1], sealedBytes, new byte[size]));
        }

        Assert.False(aead.TryOpen(new byte[12], [], new byte[15], []));
    }

    /// <summary>A wiped key must not be worked with: what it seals everybody can open.</summary>
    [Theory]
    [InlineData(32)]
    [InlineData(4096)]
    public void Nothing_is_sealed_opened_or_agreed_with_a_key_that_was_wiped(int length)
    {
        var (nonce, output) = (new byte[IAead.NonceSize], new byte[length + IAead.TagSize]);
        var cipher = NativeCryptography.Instance.CreateChaCha20Poly1305(new byte[IAead.KeySize]);
        cipher.Seal(nonce, [], new byte[length], output);
        cipher.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cipher.Seal(nonce, [], new byte[length], output));
        Assert.Throws<ObjectDisposedException>(() => cipher.TryOpen(nonce, [], output, new byte[length]));

        using var other = NativeCryptography.Instance.CreateX25519();
        var key = NativeCryptography.Instance.CreateX25519();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.TryAgree(other.PublicKey, new byte[32]));
    }

    [Theory]
    [InlineData(32)]
    [InlineData(4096)]
    public void An_output_or_a_nonce_of_another_size_is_refused_before_a_byte_is_written(int length)
    {
        using var cipher = NativeCryptography.Instance.CreateChaCha20Poly1305(new byte[IAead.KeySize]);
        var (nonce, plaintext, output) = (new byte[IAead.NonceSize], new byte[length], new byte[length + IAead.TagSize]);

        Assert.Throws<ArgumentOutOfRangeException>(() => cipher.Seal(nonce, [], plaintext, output.AsSpan(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => cipher.Seal(nonce.AsSpan(1), [], plaintext, output));
        Assert.Throws<ArgumentOutOfRangeException>(() => cipher.TryOpen(nonce, [], output, plaintext.AsSpan(1)));
        Assert.False(cipher.TryOpen(nonce, [], new byte[IAead.TagSize - 1], []));
        Assert.All(output, one => Assert.Equal(0, one));
    }
}
