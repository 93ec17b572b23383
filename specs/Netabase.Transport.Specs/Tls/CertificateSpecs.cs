using Netabase.Transport.Keys;
using Netabase.Transport.Tls;

namespace Netabase.Transport.Specs.Tls;

/// <summary>Which certificates prove a peer id, and which prove nothing (libp2p tls, "Peer Authentication").</summary>
public sealed class CertificateSpecs
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Names => [.. Ours().Select(fields => fields[0])];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_certificate_of_another_implementation_is_judged_as_the_specification_says(string name)
    {
        var fields = Ours().First(candidate => candidate[0] == name);
        foreach (ICryptography cryptography in new ICryptography[] { NativeCryptography.Instance, ManagedCryptography.Instance })
            Judge(Convert.FromHexString(fields[2]), fields[1], Now, cryptography);
    }

    /// <summary>
    /// libp2p/specs: tls/tls.md (4) and libp2p/rust-libp2p: transports/tls/src/test_assets (11), each accepted or refused as rust-libp2p's verifier
    /// does; "+" in place of a peer id stands for any.
    /// </summary>
    [SkippableFact]
    public void The_published_certificates_are_judged_as_published()
    {
        using var reader = new StreamReader(PublishedVectors.Open("tls-certificates.txt"));
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(15, lines.Length);
        foreach (var fields in lines.Select(line => line.Split(' ')))
            Judge(Convert.FromHexString(fields[2]), fields[1], new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), Cryptography.Default, fields[0]);
    }

    [Theory]
    [InlineData(KeyType.Ed25519)]
    [InlineData(KeyType.Secp256k1)]
    [InlineData(KeyType.Ecdsa)]
    [InlineData(KeyType.Rsa)]
    public void Our_own_certificate_proves_our_identity_now_and_in_99_years(KeyType type)
    {
        using var identity = PrivateKey.Generate(type);
        using var certificate = PeerCertificate.Create(identity);
        Assert.Equal(identity.PublicKey, PeerCertificate.Verify(certificate.RawDataMemory, DateTimeOffset.UtcNow));
        Assert.Equal(identity.PublicKey, PeerCertificate.Verify(certificate.RawDataMemory, DateTimeOffset.UtcNow.AddYears(99)));
        Assert.Throws<TransportException>(() => PeerCertificate.Verify(certificate.RawDataMemory, DateTimeOffset.UtcNow.AddYears(101)));
        Assert.Throws<TransportException>(() => PeerCertificate.Verify(certificate.RawDataMemory, DateTimeOffset.UtcNow.AddHours(-2)));
        Assert.Single(certificate.Extensions, extension => extension.Oid!.Value == SignedKey.Oid && !extension.Critical);
        Assert.True(certificate.HasPrivateKey);
    }

    [Fact]
    public void Every_changed_bit_of_a_certificate_makes_it_worthless()
    {
        using var identity = PrivateKey.Generate();
        using var certificate = PeerCertificate.Create(identity);
        var der = certificate.RawData;
        for (var position = 0; position < der.Length; position++)
        {
            var changed = der.ToArray();
            changed[position] ^= 1;
            Assert.Throws<TransportException>(() => PeerCertificate.Verify(changed, DateTimeOffset.UtcNow));
        }
    }

    [Fact]
    public void No_bytes_whatever_make_the_reader_fail_otherwise_than_by_its_own_error()
    {
        var seed = Randomness.Seed();
        var random = new Random(seed);
        using var identity = PrivateKey.Generate();
        using var certificate = PeerCertificate.Create(identity);
        for (var run = 0; run < Randomness.Count(3_000, 300_000); run++)
        {
            var bytes = certificate.RawData;
            for (var change = random.Next(4); change >= 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            Randomness.OnlyRefuses(seed, run, () => PeerCertificate.Verify(bytes, DateTimeOffset.UtcNow));
            var extension = Randomness.Bytes(random, 60);
            Randomness.OnlyRefuses(seed, run, () => SignedKey.Decode(extension));
        }
    }

    [Fact]
    public void A_certificate_longer_than_any_honest_one_is_not_even_read() =>
        Assert.Throws<TransportException>(() => PeerCertificate.Verify(new byte[PeerCertificate.MaxLength + 1], Now));

    private static void Judge(byte[] der, string expected, DateTimeOffset now, ICryptography cryptography, string? name = null)
    {
        if (expected == "-")
        {
            var refused = Record.Exception(() => PeerCertificate.Verify(der, now, cryptography));
            Assert.True(refused is TransportException { Error: TransportError.InvalidData }, $"{name}: {refused?.ToString() ?? "accepted"}");
            return;
        }

        var accepted = Record.Exception(() => Assert.True(PeerCertificate.Verify(der, now, cryptography).PeerId.ToString() is { } id && (expected == "+" || id == expected)));
        Assert.True(accepted is null, $"{name}: {accepted}");
    }

    private static IEnumerable<string[]> Ours()
    {
        using var reader = new StreamReader(typeof(CertificateSpecs).Assembly.GetManifestResourceStream("certificates.txt")!);
        return [.. reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' '))];
    }
}
