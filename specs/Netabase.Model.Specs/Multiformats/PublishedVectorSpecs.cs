using System.Text;
using Netabase.Multiformats;

namespace Netabase.Model.Specs.Multiformats;

/// <summary>The tables that multiformats publishes, as far as they concern what we know.</summary>
public sealed class PublishedVectorSpecs
{
    [Fact]
    public void Every_multiaddr_that_go_accepts_is_accepted_and_survives()
    {
        Assert.Equal([], Lines("multiaddr-accepted.txt").Where(text => !Multiaddr.TryParse(text, out _)));
        foreach (var text in Lines("multiaddr-accepted.txt"))
        {
            var address = Multiaddr.Parse(text);
            Assert.Equal(address, Multiaddr.Parse(address.ToString()));
            Assert.Equal(address, Multiaddr.FromBytes(address.Bytes.Span));
            Assert.Equal(address, address.Components.Aggregate(Multiaddr.Empty, (sum, part) => sum.Encapsulate(Multiaddr.Parse(part.ToString()))));
        }
    }

    [Fact]
    public void Every_multiaddr_that_go_refuses_is_refused()
    {
        foreach (var text in Lines("multiaddr-refused.txt").Append(""))
        {
            Assert.False(Multiaddr.TryParse(text, out _), text);
            Assert.Throws<MultiformatException>(() => Multiaddr.Parse(text));
        }
    }

    [Fact]
    public void Multiaddrs_are_packed_as_the_specification_packs_them()
    {
        foreach (var pair in Lines("multiaddr-packed.txt").Select(line => line.Split(' ')))
        {
            Assert.Equal(pair[1], Multiaddr.Parse(pair[0]).Bytes.ToString());
            Assert.Equal(pair[0], Multiaddr.FromBytes(Convert.FromHexString(pair[1])).ToString());
        }
    }

    [Fact]
    public void What_once_broke_go_does_not_break_us()
    {
        foreach (var seed in Lines("multiaddr-fuzz-seeds.csv").Select(line => line.Split(',')))
        {
            var bytes = Convert.FromHexString(seed[1]);
            if (seed[0] == "bytes" && Multiaddr.TryFromBytes(bytes, out var read)) Assert.Equal(read, Multiaddr.Parse(read.ToString()));
            if (seed[0] == "text" && Multiaddr.TryParse(Encoding.UTF8.GetString(bytes), out var parsed)) Assert.Equal(parsed, Multiaddr.FromBytes(parsed.Bytes.Span));
        }
    }

    [Fact]
    public void Multibase_text_is_what_the_table_says()
    {
        foreach (var row in Lines("multibase.csv").Select(line => line.Split(',')))
        {
            var encoding = row[0] switch
            {
                "base58btc" => MultibaseEncoding.Base58Btc,
                "base32" => MultibaseEncoding.Base32Lower,
                _ => MultibaseEncoding.Base64Url,
            };
            Assert.Equal(row[2], Multibase.Encode(encoding, Convert.FromHexString(row[1])));
            Assert.Equal(row[1], Convert.ToHexStringLower(Multibase.Decode(row[2])));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("bab1")]
    [InlineData("bAB")]
    [InlineData("bb")]
    [InlineData("baa======")]
    [InlineData("bab")]
    [InlineData("uA")]
    [InlineData("uAB")]
    [InlineData("uAA==")]
    [InlineData("uAA AA")]
    [InlineData("z0")]
    [InlineData("zO")]
    [InlineData("z\u4e16")]
    [InlineData("f00")]
    public void Text_that_is_not_canonical_is_refused(string text)
    {
        Assert.False(Multibase.TryDecode(text, out _, out _));
        Assert.Throws<MultiformatException>(() => Multibase.Decode(text));
    }

    [Fact]
    public void Multihashes_are_read_and_made_as_the_table_says()
    {
        var computed = 0;
        foreach (var row in Lines("multihash.csv").Skip(1).Select(line => line.Split(',')))
        {
            var hash = Multihash.FromBytes(Convert.FromHexString(row[3]));
            Assert.Equal(row[3], hash.ToPayload().ToString());
            Assert.Equal(int.Parse(row[1], System.Globalization.CultureInfo.InvariantCulture) / 8, hash.Digest.Length);
            if (row[0] != "sha2-256") continue;
            var whole = Multihash.Sha256(Encoding.UTF8.GetBytes(row[2]));
            Assert.Equal((Multihash.Sha256Code, true), (hash.Code, whole.Digest.Span.StartsWith(hash.Digest.Span)));
            computed++;
        }

        Assert.True(computed > 10);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("1220aa")]
    [InlineData("1200ff")]
    [InlineData("122100000000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("00ffffffffffffffff7f")]
    [InlineData("9200" + "00")]
    public void Bytes_that_are_not_one_whole_multihash_are_refused(string hex)
    {
        Assert.False(Multihash.TryFromBytes(Convert.FromHexString(hex), out _));
        Assert.Throws<MultiformatException>(() => Multihash.FromBytes(Convert.FromHexString(hex)));
    }

    [Fact]
    public void An_identity_multihash_holds_its_data() =>
        Assert.Equal("0003010203", Multihash.Identity([1, 2, 3]).ToPayload().ToString());

    /// <summary>go-varint's cases, and the examples of the specification.</summary>
    [Theory]
    [InlineData("01", 1UL, UVarintStatus.Ok)]
    [InlineData("7f", 127UL, UVarintStatus.Ok)]
    [InlineData("8001", 128UL, UVarintStatus.Ok)]
    [InlineData("ff01", 255UL, UVarintStatus.Ok)]
    [InlineData("ac02", 300UL, UVarintStatus.Ok)]
    [InlineData("808001", 16384UL, UVarintStatus.Ok)]
    [InlineData("00", 0UL, UVarintStatus.Ok)]
    [InlineData("ffffffffffffffff7f", (ulong)long.MaxValue, UVarintStatus.Ok)]
    [InlineData("ffffffffffffffff80", 0UL, UVarintStatus.TooLong)]
    [InlineData("ffffffffffffffffff01", 0UL, UVarintStatus.TooLong)]
    [InlineData("ffffffffffffffffffffff00", 0UL, UVarintStatus.TooLong)]
    [InlineData("8100", 0UL, UVarintStatus.NotMinimal)]
    [InlineData("808000", 0UL, UVarintStatus.NotMinimal)]
    [InlineData("8181", 0UL, UVarintStatus.Incomplete)]
    [InlineData("", 0UL, UVarintStatus.Incomplete)]
    public void Varints_are_read_as_the_specification_says(string hex, ulong value, UVarintStatus status)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(status, UVarint.TryRead(bytes, out var read, out var consumed));
        Assert.Equal((value, status == UVarintStatus.Ok ? bytes.Length : 0), (read, consumed));
        if (status != UVarintStatus.Ok) Assert.Throws<MultiformatException>(() => UVarint.Read(bytes, out _));
    }

    [Fact]
    public void Every_small_varint_and_every_power_survives()
    {
        var buffer = new byte[UVarint.MaxLength];
        foreach (var value in Enumerable.Range(0, 1 << 16).Select(n => (ulong)n).Concat(Enumerable.Range(0, 63).Select(n => 1UL << n)).Append(UVarint.MaxValue))
        {
            var written = UVarint.Write(buffer, value);
            Assert.Equal(UVarint.LengthOf(value), written);
            Assert.Equal(value, UVarint.Read(buffer.AsSpan(0, written), out _));
            Assert.Throws<ArgumentException>(() => UVarint.Write(new byte[written - 1], value));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => UVarint.Write(buffer, UVarint.MaxValue + 1));
    }

    private static IEnumerable<string> Lines(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Vectors", file)).Where(line => line.Length > 0);
}
