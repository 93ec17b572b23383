using Netabase.Multiformats;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Specs.Keys;

/// <summary>libp2p/specs peer-ids/peer-ids.md, over both implementations of the primitives.</summary>
public sealed class KeySpecs
{
    private static readonly byte[] Message = "Libp2p is the _best_!"u8.ToArray();

    public static TheoryData<string, KeyType> EveryKind()
    {
        var data = new TheoryData<string, KeyType>();
        foreach (var name in new[] { "native", "managed" })
        {
            foreach (var type in Enum.GetValues<KeyType>()) data.Add(name, type);
        }

        return data;
    }

    public static TheoryData<string, string, string, string> PeerIdTable()
    {
        var data = new TheoryData<string, string, string, string>();
        foreach (var row in Vectors.Lines("keys/peer-ids.txt"))
        {
            foreach (var name in new[] { "native", "managed" }) data.Add(name, row[0], row[1], row[2]);
        }

        return data;
    }

    public static TheoryData<string, string, string, string, string> GoFixtures()
    {
        var data = new TheoryData<string, string, string, string, string>();
        foreach (var row in Vectors.Lines("keys/go-fixtures.txt"))
        {
            foreach (var name in new[] { "native", "managed" }) data.Add(name, row[0], row[1], row[2], row[3]);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(PeerIdTable))]
    public void The_specifications_public_keys_follow_from_its_private_keys(string crypto, string kind, string privateHex, string publicHex)
    {
        using var key = PrivateKey.Decode(Convert.FromHexString(privateHex), PrimitiveSpecs.Get(crypto));
        Assert.Equal(publicHex, key.PublicKey.Encoded.ToString());
        Assert.Equal(privateHex, Convert.ToHexStringLower(key.Encode()));
        Assert.Equal(kind, key.Type.ToString(), ignoreCase: true);
        Assert.Equal(key.PublicKey, PublicKey.Decode(Convert.FromHexString(publicHex)));
        Assert.True(key.PublicKey.Verify(Message, key.Sign(Message), PrimitiveSpecs.Get(crypto)));
    }

    [Theory]
    [InlineData("ED25519", "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq")]
    [InlineData("secp256k1", "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY")]
    [InlineData("ECDSA", "QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk")]
    public void A_short_key_is_its_own_peer_id_and_a_long_one_is_hashed(string kind, string expected)
    {
        var row = Assert.Single(Vectors.Lines("keys/peer-ids.txt"), r => r[0] == kind);
        var key = PublicKey.Decode(Convert.FromHexString(row[2]));
        Assert.Equal(PeerId.Parse(expected), key.PeerId);
        Assert.Equal(key.Encoded.Length <= 42 ? key : null, PublicKey.FromPeerId(key.PeerId));
    }

    [Theory]
    [MemberData(nameof(GoFixtures))]
    public void What_go_signed_holds_and_what_we_sign_holds(string crypto, string type, string privateHex, string publicHex, string signatureHex)
    {
        using var key = PrivateKey.Decode(Convert.FromHexString(privateHex), PrimitiveSpecs.Get(crypto));
        Assert.Equal(publicHex, key.PublicKey.Encoded.ToString());
        Assert.True(key.PublicKey.Verify(Message, Convert.FromHexString(signatureHex), PrimitiveSpecs.Get(crypto)));
        Assert.Equal(privateHex, Convert.ToHexStringLower(key.Encode()));

        // RSA's padding and secp256k1's nonce (RFC 6979) leave no choice; ECDSA's nonce is random here.
        if (type != "3") Assert.Equal(signatureHex, Convert.ToHexStringLower(key.Sign(Message)));
    }

    [Theory]
    [MemberData(nameof(EveryKind))]
    public void A_fresh_key_signs_for_both_implementations_and_survives_its_encoding(string crypto, KeyType type)
    {
        using var key = PrivateKey.Generate(type, cryptography: PrimitiveSpecs.Get(crypto));
        var signature = key.Sign(Message);
        Assert.Equal(type, key.Type);
        Assert.True(key.PublicKey.Verify(Message, signature, NativeCryptography.Instance));
        Assert.True(key.PublicKey.Verify(Message, signature, ManagedCryptography.Instance));
        foreach (var other in new ICryptography[] { NativeCryptography.Instance, ManagedCryptography.Instance })
        {
            using var again = PrivateKey.Decode(key.Encode(), other);
            Assert.Equal(key.PublicKey, again.PublicKey);
            Assert.True(key.PublicKey.Verify(Message, again.Sign(Message)));
        }

        using var stranger = PrivateKey.Generate(type);
        Assert.NotEqual(key.PublicKey, stranger.PublicKey);
        Assert.False(stranger.PublicKey.Verify(Message, signature, PrimitiveSpecs.Get(crypto)));
        Assert.False(key.PublicKey.Verify("another message"u8, signature, PrimitiveSpecs.Get(crypto)));
        for (var at = 0; at < signature.Length; at += 7)
        {
            var forged = signature.ToArray();
            forged[at] ^= 0x04;
            Assert.False(key.PublicKey.Verify(Message, forged, PrimitiveSpecs.Get(crypto)));
        }

        Assert.False(key.PublicKey.Verify(Message, [], PrimitiveSpecs.Get(crypto)));
        Assert.False(key.PublicKey.Verify(Message, signature.AsSpan(1), PrimitiveSpecs.Get(crypto)));
    }

    [Theory]
    [MemberData(nameof(PrimitiveSpecs.Implementations), MemberType = typeof(PrimitiveSpecs))]
    public void The_old_form_of_an_Ed25519_key_is_read_when_its_public_halves_are_equal(string crypto)
    {
        using var key = PrivateKey.Generate();
        var data = key.Encode()[4..];
        byte[] old = [0x08, 0x01, 0x12, 96, .. data, .. data[32..]];
        using var read = PrivateKey.Decode(old, PrimitiveSpecs.Get(crypto));
        Assert.Equal(key.Encode(), read.Encode());
        old[^1] ^= 1;
        Refused(() => PrivateKey.Decode(old, PrimitiveSpecs.Get(crypto)));
        var foreign = key.Encode();
        foreign[^1] ^= 1;
        Refused(() => PrivateKey.Decode(foreign, PrimitiveSpecs.Get(crypto)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0801")]
    [InlineData("08011220")]
    [InlineData("0801121f" + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce2")]
    [InlineData("080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e00")]
    [InlineData("080112a0001ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e")]
    [InlineData("12201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e0801")]
    [InlineData("080412201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e")]
    [InlineData("080012201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e")]
    [InlineData("0802122105" + "37777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca9")]
    [InlineData("0802122102" + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void A_public_key_that_is_not_exactly_one_is_refused(string hex)
    {
        Refused(() => PublicKey.Decode(Convert.FromHexString(hex)));
        Assert.False(PublicKey.TryDecode(Convert.FromHexString(hex), out _));
    }

    [Fact]
    public void Rsa_keys_have_2048_to_8192_bits()
    {
        Refused(() => PrivateKey.Generate(KeyType.Rsa, 1024));
        Refused(() => PrivateKey.Generate(KeyType.Rsa, 16384));
        using var small = System.Security.Cryptography.RSA.Create(1024);
        Refused(() => PublicKey.Create(KeyType.Rsa, small.ExportSubjectPublicKeyInfo()));
        foreach (var crypto in new ICryptography[] { NativeCryptography.Instance, ManagedCryptography.Instance })
            Refused(() => crypto.CreateSigner(KeyType.Rsa, small.ExportRSAPrivateKey()));
    }

    internal static void Refused(Func<object> read)
    {
        var refusal = Assert.Throws<TransportException>(() => { read(); });
        Assert.Equal(TransportError.InvalidData, refusal.Error);
    }
}
