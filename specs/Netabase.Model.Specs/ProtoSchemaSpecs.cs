using Netabase.Specs.Models;

namespace Netabase.Specs;

public class ProtoSchemaSpecs
{
    /// <summary>The file is what the protobuf compiler compiles at build for <see cref="ForeignReaderSpecs"/>: it accepts what we export.</summary>
    [Fact]
    public void The_export_of_every_type_is_the_file_that_protoc_compiles() =>
        Approved.Holds("Foreign/every_type.proto", ProtoSchema.Export(Everything.Definition));

    [Fact]
    public void The_export_of_the_chat_is_what_the_wire_page_shows() =>
        Assert.Equal(
            $$"""
            // The records of the definition "chat". Written by Netabase from its schemas.
            syntax = "proto3";

            package chat;

            // Model 1, schema {{Chat.Message.Schema.Hash}}.
            message Message {
              bytes id = 1; // a guid: 16 bytes, big endian
              string author = 2;
              NetabaseDateTimeOffset sent_at = 3;
              string text = 4;
            }

            // A moment in units of 100 ns since 1970-01-01T00:00:00Z, and the offset of the clock that read it.
            message NetabaseDateTimeOffset {
              sfixed64 unix_ticks = 1;
              sint32 offset_minutes = 2;
            }

            """,
            ProtoSchema.Export(Chat.Definition));
}
