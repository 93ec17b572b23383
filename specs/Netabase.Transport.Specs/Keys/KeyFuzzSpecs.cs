using Netabase.Multiformats;
using Netabase.Transport.Keys;
using Xunit.Abstractions;

namespace Netabase.Transport.Specs.Keys;

/// <summary>Keys, envelopes and records from strangers: only typed refusals, little allocated, and what is read is canonical.</summary>
public sealed class KeyFuzzSpecs(ITestOutputHelper output)
{
    [Fact]
    public void Whatever_comes_is_read_or_refused()
    {
        var seed = Randomness.Seed();
        output.WriteLine($"NETABASE_SEED={seed}");
        var random = new Random(seed);
        var keys = Vectors.Lines("keys/peer-ids.txt").Select(row => (Private: Convert.FromHexString(row[1]), Public: Convert.FromHexString(row[2]))).ToArray();
        var count = Randomness.Count(200_000, 5_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < count; i++)
        {
            var bytes = Mutation.Of(keys[i % keys.Length].Public, random);
            Randomness.OnlyRefuses(seed, i, () => Assert.Equal(bytes, PublicKey.Decode(bytes).Encoded.Span.ToArray()));
        }

        Assert.True((GC.GetAllocatedBytesForCurrentThread() - before) / count < 32 * 1024);
    }

    [Fact]
    public void Private_keys_and_signatures_are_read_or_refused_by_both_implementations()
    {
        var seed = Randomness.Seed();
        output.WriteLine($"NETABASE_SEED={seed}");
        var random = new Random(seed);
        var rows = Vectors.Lines("keys/go-fixtures.txt").Select(row => row.Skip(1).Select(Convert.FromHexString).ToArray()).ToArray();
        for (var i = 0; i < Randomness.Count(1_500, 200_000); i++)
        {
            var row = rows[i % rows.Length];
            var crypto = i % 2 == 0 ? (ICryptography)NativeCryptography.Instance : ManagedCryptography.Instance;
            Randomness.OnlyRefuses(seed, i, () => PrivateKey.Decode(Mutation.Of(row[0], random), crypto).Dispose());
            Randomness.OnlyRefuses(seed, i, () => PublicKey.Decode(row[1]).Verify("message"u8, Mutation.Of(row[2], random), crypto));
        }
    }

    [Fact]
    public void Envelopes_that_were_changed_never_open()
    {
        var seed = Randomness.Seed();
        output.WriteLine($"NETABASE_SEED={seed}");
        var random = new Random(seed);
        using var key = PrivateKey.Generate();
        var record = new PeerRecord(key.PublicKey.PeerId, 7, [Multiaddr.Parse("/ip4/192.0.2.1/tcp/1")]);
        var sound = record.Seal(key).Encoded.Span.ToArray();
        for (var i = 0; i < Randomness.Count(50_000, 2_000_000); i++)
        {
            // Unknown fields may be added behind; what is said stays what was signed.
            if (PeerRecord.TryOpen(Mutation.Of(sound, random), out var opened)) Assert.Equal((record.Peer, 7ul), (opened.Peer, opened.Sequence));
        }
    }
}
