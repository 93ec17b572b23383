using System.Globalization;
using System.Text;
using Netabase.Multiformats;
using Xunit.Abstractions;

namespace Netabase.Model.Specs.Multiformats;

/// <summary>Every reader meets noise and spoilt truth: yes or no comes out, what is read survives, and little is allocated.</summary>
public sealed class MultiformatFuzzSpecs(ITestOutputHelper output)
{
    private const string Peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";

    private static readonly string[] Texts =
    [
        "/ip4/192.0.2.1/tcp/4001/p2p/" + Peer,
        "/ip6zone/eth0/ip6/fe80::1/udp/4001/quic-v1/webtransport/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ",
        "/dns4/a.example/tcp/443/tls/sni/b.example/ws",
        "/unix/a/b",
        Peer,
        "bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe",
    ];

    [Fact]
    public void Nothing_but_yes_or_no_comes_out()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("NETABASE_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var given)
            ? given
            : Random.Shared.Next();
        output.WriteLine($"NETABASE_SEED={seed}");
        var random = new Random(seed);
        var (count, read) = (Environment.GetEnvironmentVariable("NETABASE_LONG") == "1" ? 10_000_000 : 200_000, 0);
        var binaries = Texts.Take(4).Select(text => Multiaddr.Parse(text).Bytes.Span.ToArray())
            .Append(PeerId.Parse(Peer).Multihash.Span.ToArray()).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < count; i++)
        {
            var bytes = Spoilt(binaries[i % binaries.Length], random);
            var text = Encoding.Latin1.GetString(Spoilt(Encoding.UTF8.GetBytes(Texts[i % Texts.Length]), random));
            read += Read(bytes, text);
        }

        var perInput = (GC.GetAllocatedBytesForCurrentThread() - before) / count;
        output.WriteLine($"{read} readings of {count} inputs succeeded; {perInput} bytes allocated for each");
        Assert.True(read > count / 100);
        Assert.True(perInput < 16 * 1024, $"{perInput} bytes for each input");
    }

    private static int Read(byte[] bytes, string text)
    {
        var read = 0;
        if (UVarint.TryRead(bytes, out var number, out var consumed) == UVarintStatus.Ok) Assert.Equal(consumed, UVarint.LengthOf(number));
        if (Multiaddr.TryFromBytes(bytes, out var packed))
        {
            Assert.Equal(packed, Multiaddr.Parse(packed.ToString()));
            Assert.NotEmpty(packed.ToString());
            _ = (packed.Peer, packed.IpBytes, packed.WithoutPeer());
            read++;
        }

        if (Multiaddr.TryParse(text, out var parsed))
        {
            Assert.Equal(parsed, Multiaddr.FromBytes(parsed.Bytes.Span));
            Assert.Equal(parsed, Multiaddr.Parse(parsed.ToString()));
            read++;
        }

        if (PeerId.TryFromBytes(bytes, out var peer) || PeerId.TryParse(text, out peer))
        {
            Assert.Equal(peer, PeerId.Parse(peer.ToString()));
            read++;
        }

        if (Multibase.TryDecode(text, out var decoded, out var encoding)) Assert.Equal(text, Multibase.Encode(encoding, decoded));
        if (Multihash.TryFromBytes(bytes, out var hash)) Assert.Equal(bytes, hash.ToPayload().Span.ToArray());
        return read;
    }

    private static byte[] Spoilt(byte[] sound, Random random)
    {
        if (random.Next(8) == 0)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }

        var bytes = new List<byte>(sound);
        for (var faults = random.Next(4); faults > 0 && bytes.Count > 1; faults--)
        {
            var at = random.Next(bytes.Count);
            if (random.Next(3) == 0) bytes.RemoveAt(at);
            else if (random.Next(2) == 0) bytes.Insert(at, (byte)random.Next(256));
            else bytes[at] = (byte)random.Next(256);
        }

        return [.. bytes];
    }
}
