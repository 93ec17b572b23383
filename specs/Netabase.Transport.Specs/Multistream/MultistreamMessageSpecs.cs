using System.Text;
using Netabase.Transport.Connections;
using Netabase.Transport.Multistream;

namespace Netabase.Transport.Specs.Multistream;

/// <summary>The framing: a varint length that counts the line feed, UTF-8, a line feed (multistream-select 1.0).</summary>
public sealed class MultistreamMessageSpecs
{
    [Fact]
    public void The_header_has_twenty_bytes_and_na_has_four()
    {
        Assert.Equal("132F6D756C746973747265616D2F312E302E300A", Convert.ToHexString(MultistreamMessage.Header));
        Assert.Equal("036E610A", Convert.ToHexString(MultistreamMessage.NotAvailable));
    }

    [Theory]
    [InlineData("/a", 4)]
    [InlineData("/noise", 8)]
    [InlineData("/ipfs/ping/1.0.0", 18)]
    public void A_protocol_is_written_and_read_back(string name, int length)
    {
        var bytes = new byte[length];
        Assert.Equal(length, MultistreamMessage.LengthOf(new ProtocolId(name)));
        Assert.Equal(length, MultistreamMessage.Write(new ProtocolId(name), bytes));
        Assert.True(MultistreamMessage.TryRead(bytes, out var text, out var read));
        Assert.Equal(name, Encoding.UTF8.GetString(text));
        Assert.Equal(length, read);
    }

    [Fact]
    public void A_name_of_1023_bytes_is_the_longest_that_can_be_sent()
    {
        var longest = new ProtocolId(new string('x', 1023));
        var bytes = new byte[MultistreamMessage.MaxEncodedLength];
        Assert.Equal(bytes.Length, MultistreamMessage.Write(longest, bytes));
        Assert.True(MultistreamMessage.TryRead(bytes, out var text, out _));
        Assert.Equal(1023, text.Length);
        Assert.Throws<ArgumentException>(() => MultistreamMessage.LengthOf(new ProtocolId(new string('x', 1024))));
        Assert.Throws<ArgumentException>(() => MultistreamMessage.LengthOf(new ProtocolId("")));
        Assert.Throws<ArgumentException>(() => MultistreamMessage.LengthOf(new ProtocolId("/a\n/b")));
    }

    /// <summary>Checklist item 4: oversized, non-minimal and ten-byte lengths. Item 5: a length of 2 GiB is refused before any allocation.</summary>
    [Theory]
    [InlineData("00", "zero")]
    [InlineData("8108", "1,025 bytes")]
    [InlineData("8100", "not minimal")]
    [InlineData("8080", "three bytes or more")]
    [InlineData("8080808008", "2 GiB")]
    [InlineData("80808080808080808001", "ten bytes")]
    [InlineData("ffffffffffffffffff7f", "ten bytes, too great")]
    [InlineData("026162", "no line feed")]
    [InlineData("02ff0a", "no UTF-8")]
    public void A_length_that_is_wrong_or_a_text_that_is_none_is_refused(string hex, string why)
    {
        var bytes = Convert.FromHexString(hex);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.Throws<TransportException>(() => MultistreamMessage.TryRead(bytes, out _, out _));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 * 1024, why);
        Assert.Equal(TransportError.ProtocolViolation, refused.Error);
    }

    [Fact]
    public void Any_start_of_a_message_asks_for_more()
    {
        var bytes = new byte[MultistreamMessage.MaxEncodedLength];
        MultistreamMessage.Write(new ProtocolId(new string('x', 1023)), bytes);
        for (var length = 0; length < bytes.Length; length++)
            Assert.False(MultistreamMessage.TryRead(bytes.AsSpan(0, length), out _, out _));
    }
}
