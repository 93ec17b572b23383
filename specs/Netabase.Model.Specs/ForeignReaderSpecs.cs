using Every.Other;
using Google.Protobuf;
using Netabase.Specs.Foreign;
using static Netabase.Specs.RoundTripSpecs;
using Ours = Netabase.Specs.Models.Everything;
using Theirs = Every.Type;

namespace Netabase.Specs;

/// <summary>Google.Protobuf, from the schema that we export, is the foreign reader and writer.</summary>
public class ForeignReaderSpecs
{
    private const int Rounds = 500;

    [Fact]
    public void Another_protobuf_reads_our_scalars_and_writes_them_as_we_do() => Often(
        chance =>
        {
            var ours = Samples.Scalars(chance);
            BothAgree(ModelCodec.Encode(ours), Foreigners.ToForeign(ours), Theirs.Scalars.Parser, Ours.Scalars.Decode);
        },
        Rounds,
        hasNegativeZeros: false);

    [Fact]
    public void Another_protobuf_tells_our_nulls_from_our_zeros() => Often(
        chance =>
        {
            var ours = Samples.Nullables(chance);
            BothAgree(ModelCodec.Encode(ours), Foreigners.ToForeign(ours), Theirs.Nullables.Parser, Ours.Nullables.Decode);
        },
        Rounds,
        hasNegativeZeros: false);

    [Fact]
    public void Another_protobuf_reads_our_collections_and_we_read_its_in_whatever_order() => Often(
        chance =>
        {
            var ours = Samples.Collections(chance);
            var bytes = ModelCodec.Encode(ours);

            Assert.Equal(Sorted(Foreigners.ToForeign(ours, turnAround: false)), Theirs.Collections.Parser.ParseFrom(bytes.Span));
            Assert.Equal(bytes, ModelCodec.Encode(Ours.Collections.Decode(Foreigners.ToForeign(ours, turnAround: true).ToByteArray())));
        },
        Rounds,
        hasNegativeZeros: false);

    [Fact]
    public void Lists_that_another_language_did_not_pack_are_read_like_packed_ones() => Often(
        chance =>
        {
            var ours = Samples.Collections(chance);
            var unpacked = new Unpacked
            {
                Ints = { ours.Ints },
                Longs = { ours.Longs },
                Doubles = { ours.Doubles },
                Colours = { ours.Colours.Select(colour => (int)colour) },
                Bools = { ours.Bools },
            };
            var read = Ours.Collections.Decode(unpacked.ToByteArray());

            Assert.Equal(ours.Ints, read.Ints);
            Assert.Equal(ours.Longs, read.Longs);
            Assert.Equal(ours.Doubles.AsEnumerable(), read.Doubles);
            Assert.Equal(ours.Colours, read.Colours);
            Assert.Equal(ours.Bools, read.Bools);
        },
        Rounds,
        hasNegativeZeros: false);

    [Fact]
    public void Fields_of_a_later_version_are_skipped_wherever_they_stand()
    {
        var later = new Later
        {
            Id = 7,
            Note = new Later.Types.Note { Text = "new", Inner = new Later.Types.Note { Text = "newer" } },
            Numbers = { 1, 2, 3 },
            Moment = 9,
            Count = ulong.MaxValue,
        };
        var behind = new Later { String = "known" };
        var read = Ours.Scalars.Decode([.. later.ToByteArray(), .. behind.ToByteArray()]);

        Assert.Equal((7L, "known"), (read.Id, read.String));
    }

    [Fact]
    public void A_negative_zero_is_not_the_default_and_is_written()
    {
        var bytes = ModelCodec.Encode(new Ours.Scalars { Id = 1, Single = -0f, Double = -0d });
        var theirs = Theirs.Scalars.Parser.ParseFrom(bytes.Span);

        Assert.True(float.IsNegative(theirs.Single) && double.IsNegative(theirs.Double));
        Assert.True(double.IsNegative(Ours.Scalars.Decode(bytes.Span).Double));
    }

    private static void BothAgree<TOurs, TTheirs>(Payload bytes, TTheirs expected, MessageParser<TTheirs> parser, Decoder<TOurs> decode)
        where TOurs : class, IModel<TOurs>
        where TTheirs : IMessage<TTheirs>
    {
        Assert.Equal(expected, parser.ParseFrom(bytes.Span));
        Assert.Equal(Convert.ToHexStringLower(expected.ToByteArray()), bytes.ToString());
        Assert.Equal(bytes, ModelCodec.Encode(decode(expected.ToByteArray())));
    }

    /// <summary>Repeated entries are compared in their order, which is ours: by key.</summary>
    private static Theirs.Collections Sorted(Theirs.Collections theirs)
    {
        var colours = theirs.ByColour.OrderBy(entry => (int)entry.Key).ToList();
        theirs.ByColour.Clear();
        theirs.ByColour.Add(colours);
        return theirs;
    }

    private delegate T Decoder<out T>(ReadOnlySpan<byte> bytes);
}
