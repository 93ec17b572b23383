using System.Buffers;
using Netabase.Specs.Models;

namespace Netabase.Specs;

public class ChatMessageSpecs
{
    private static readonly Chat.Message Hello = new()
    {
        Id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"),
        Author = "ada",
        SentAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)),
        Text = "Grüß Gott",
    };

    [Fact]
    public void A_message_is_read_as_it_was_written()
    {
        var read = Chat.Message.Decode(ModelCodec.Encode(Hello).Span);

        Assert.Equal(Hello, read);
        Assert.Equal(TimeSpan.FromHours(2), read.SentAt.Offset);
    }

    [Fact]
    public void A_message_has_the_bytes_that_the_wire_page_shows()
    {
        Assert.Equal(
            "0a1000112233445566778899aabbccddeeff1203616461"
            + "1a0c0980b078dba4c93e00" + "10f001" + "220b4772c3bcc39f20476f7474",
            ModelCodec.Encode(Hello).ToString());
    }

    [Fact]
    public void Both_ways_to_encode_yield_the_same_bytes()
    {
        var output = new ArrayBufferWriter<byte>();
        Chat.Message.Encode(Hello, output);

        Assert.Equal(ModelCodec.Encode(Hello), new Payload(output.WrittenMemory));
    }

    [Fact]
    public void The_definition_lists_its_models()
    {
        Assert.Equal("chat", Chat.Definition.Name);
        Assert.Same(Chat.Message.Schema, Assert.Single(Chat.Definition.Models).Schema);
        Assert.Equal(["Author", "SentAt"], Chat.Message.Schema.SecondaryKeys.Select(field => field.Name));
    }

    [Fact]
    public void A_key_is_whatever_names_the_record()
    {
        Chat.Message.Key key = Hello.Id;

        Assert.Equal(Chat.Message.Key.Of(Hello), key);
        Assert.Equal(ModelCodec.EncodePrimaryKey(Hello), ModelCodec.Encode(key));
        Assert.Equal(Convert.FromHexString("00112233445566778899aabbccddeeff"), ModelCodec.Encode(key).Span.ToArray());
    }

    [Fact]
    public void An_index_asks_for_a_value_a_range_or_a_beginning()
    {
        var query = Chat.Message.Indexes.Author.StartsWith("ad").Take(5).Descending();

        Assert.Equal(2, query.Index);
        Assert.Equal(KeyRange.StartingWith(Payload.Copy("ad"u8)), query.Range);
        Assert.Equal((5, true), (query.Limit, query.IsDescending));
        Assert.Equal(KeyRange.Exactly(Payload.Copy("ada"u8)), Chat.Message.Indexes.Author.EqualTo("ada").Range);
    }
}
