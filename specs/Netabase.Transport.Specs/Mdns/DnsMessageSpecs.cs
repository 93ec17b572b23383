using System.Text;
using Netabase.Transport.Mdns;
using Xunit.Abstractions;

namespace Netabase.Transport.Specs.Mdns;

/// <summary>RFC 1035, section 4, from strangers.</summary>
public sealed class DnsMessageSpecs(ITestOutputHelper output)
{
    /// <summary>A query as multicast-dns (npm) sends it for <c>_p2p._udp.local</c>.</summary>
    private const string Query = "000000000001000000000000" + "045f703270045f756470056c6f63616c00" + "000c0001";

    [Fact]
    public void A_query_is_written_as_everybody_writes_it()
    {
        var query = new DnsMessage(0, false, [new DnsQuestion(new DnsName("_p2p._udp.local"), DnsType.Ptr)], [], []);
        Assert.Equal(Query, Convert.ToHexStringLower(query.ToBytes()));
        Assert.True(DnsMessage.TryRead(Convert.FromHexString(Query), out var read));
        Assert.Equal(new DnsName("_P2P._udp.LOCAL"), Assert.Single(read.Questions).Name);
        Assert.False(read.IsResponse);
    }

    [Fact]
    public void An_answer_survives_the_wire()
    {
        var service = new DnsName("_p2p._udp.local");
        var instance = service.Below("abc");
        var strings = new[] { "dnsaddr=/ip4/192.0.2.1/tcp/1", "x" }.Select(text => new Payload(Encoding.UTF8.GetBytes(text)));
        var answer = new DnsMessage(
            7, true, [], [new DnsRecord.Ptr(service, 120, instance)], [new DnsRecord.Txt(instance, 0, [.. strings])]);
        Assert.True(DnsMessage.TryRead(answer.ToBytes(), out var read));
        Assert.Equal((7, true), (read.Id, read.IsResponse));
        Assert.Equal(answer.Answers[0], Assert.Single(read.Answers));
        var txt = Assert.IsType<DnsRecord.Txt>(Assert.Single(read.Additional));
        Assert.Equal((instance, 0u), (txt.Name, txt.TimeToLive));
        Assert.Equal(strings, txt.Strings);
        Assert.True(txt.Name.IsBelow(service));
        Assert.False(service.IsBelow(service));
        Assert.False(new DnsName("a_p2p._udp.local").IsBelow(service));
    }

    /// <summary>RFC 1035, 4.1.4: "a pointer to a prior occurrence of the same name".</summary>
    [Fact]
    public void Compressed_names_are_read()
    {
        // One PTR answer: its name in full at 12, its target "abc" + pointer to 12.
        var message = Convert.FromHexString("000084000000000100000000" + "045f703270045f756470056c6f63616c00" + "000c8001" + "00000078" + "0006" + "03616263c00c");
        Assert.True(DnsMessage.TryRead(message, out var read));
        var ptr = Assert.IsType<DnsRecord.Ptr>(Assert.Single(read.Answers));
        Assert.Equal("abc._p2p._udp.local", ptr.Target.Text);
    }

    [Theory]
    [InlineData("c00c", "a pointer to itself")]
    [InlineData("c00e0000", "a pointer forward")]
    [InlineData("0161c00c", "a pointer to the start of its own name")]
    [InlineData("c000", "a pointer into the header")]
    [InlineData("c0", "half a pointer")]
    [InlineData("40616100", "a label type that does not exist")]
    [InlineData("0561", "a label that is cut off")]
    [InlineData("0161", "a name without an end")]
    public void A_name_that_leads_nowhere_is_refused(string name, string why)
    {
        var message = Convert.FromHexString("000000000001000000000000" + name + "000c0001");
        Assert.False(DnsMessage.TryRead(message, out _), why);
    }

    [Fact]
    public void Names_longer_than_255_bytes_are_refused_however_they_are_put_together()
    {
        var label = "3f" + string.Concat(Enumerable.Repeat("61", 63));
        var four = label + label + label + label + "00";
        Assert.False(DnsMessage.TryRead(Convert.FromHexString("000000000001000000000000" + four + "000c0001"), out _));

        // 192 bytes in the first question; the second adds 64 and points to it.
        var three = label + label + label + "00";
        Assert.False(DnsMessage.TryRead(Convert.FromHexString("000000000002000000000000" + three + "000c0001" + label + "c00c" + "000c0001"), out _));
        Assert.True(DnsMessage.TryRead(Convert.FromHexString("000000000002000000000000" + three + "000c0001" + "0161" + "c00c" + "000c0001"), out _));
    }

    [Fact]
    public void Counts_that_promise_more_than_there_is_are_refused()
    {
        Assert.False(DnsMessage.TryRead(Convert.FromHexString("00000000ffff000000000000"), out _));
        Assert.False(DnsMessage.TryRead(Convert.FromHexString("000000000001000000000000"), out _));
        Assert.False(DnsMessage.TryRead(Convert.FromHexString(Query + "00"), out _));
        Assert.False(DnsMessage.TryRead(new byte[DnsMessage.MaxLength + 1], out _));

        // A record whose length goes beyond the end, and a TXT string beyond its record.
        Assert.False(DnsMessage.TryRead(Convert.FromHexString("000084000000000100000000" + "00" + "0010000100000078" + "ffff" + "0161"), out _));
        Assert.False(DnsMessage.TryRead(Convert.FromHexString("000084000000000100000000" + "00" + "0010000100000078" + "0002" + "0561"), out _));
    }

    [Fact]
    public void Errors_and_other_operations_are_ignored()
    {
        Assert.False(DnsMessage.TryRead(Convert.FromHexString("0000" + "8403" + Query[8..]), out _));
        Assert.False(DnsMessage.TryRead(Convert.FromHexString("0000" + "2800" + Query[8..]), out _));
    }

    [Fact]
    public void A_name_or_a_string_that_dns_cannot_hold_is_not_written()
    {
        foreach (var name in new[] { new string('a', 64), "a..b", string.Join('.', Enumerable.Repeat("abcdefgh", 40)), "\u4e16" })
            Assert.Throws<ArgumentException>(() => new DnsMessage(0, false, [new DnsQuestion(new DnsName(name), DnsType.Ptr)], [], []).ToBytes());
        var txt = new DnsRecord.Txt(new DnsName("a"), 1, [new Payload(new byte[256])]);
        Assert.Throws<ArgumentException>(() => new DnsMessage(0, true, [], [txt], []).ToBytes());
    }

    /// <summary>Noise, and true messages with bytes changed, cut and doubled: nothing but yes or no comes out, and little is allocated.</summary>
    [Fact]
    public void Whatever_comes_is_read_or_refused()
    {
        var seed = Randomness.Seed();
        output.WriteLine($"NETABASE_SEED={seed}");
        var random = new Random(seed);
        var service = new DnsName("_p2p._udp.local");
        var sound = new DnsMessage(
            0, true, [new DnsQuestion(service, DnsType.Ptr)], [new DnsRecord.Ptr(service, 120, service.Below("abc"))],
            [new DnsRecord.Txt(service.Below("abc"), 120, [new Payload(new byte[200])]), new DnsRecord.Other(service, 1, (DnsType)33)]).ToBytes();
        var (count, read) = (Randomness.Count(200_000, 10_000_000), 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < count; i++)
        {
            var bytes = Mutation.Of(sound, random);
            if (DnsMessage.TryRead(bytes, out var message)) read += message.Answers.Length >= 0 ? 1 : 0;
        }

        var perInput = (GC.GetAllocatedBytesForCurrentThread() - before) / count;
        output.WriteLine($"{read} of {count} were read; {perInput} bytes allocated for each");
        Assert.InRange(read, 1, count - 1);
        Assert.True(perInput < 16 * 1024, $"{perInput} bytes for each input");
    }
}
