using static Netabase.Specs.Models.Everything;

namespace Netabase.Specs;

public class RoundTripSpecs
{
    private const int Rounds = 2_000;

    [Fact]
    public void Every_scalar_is_read_as_it_was_written() => Often(chance =>
    {
        var written = Samples.Scalars(chance);
        var read = Scalars.Decode(ModelCodec.Encode(written).Span);

        Assert.True(read.Bytes.AsSpan().SequenceEqual(written.Bytes));
        Assert.True(read.Memory.Span.SequenceEqual(written.Memory.Span));
        Assert.True(read.ImmutableBytes.AsSpan().SequenceEqual(written.ImmutableBytes.AsSpan()));
        Assert.Equal(written, read with { Bytes = written.Bytes, Memory = written.Memory, ImmutableBytes = written.ImmutableBytes });

        // What compares as equal and is not the same: kinds, offsets, decimals, zeros.
        Assert.Equal(written.DateTime.Kind, read.DateTime.Kind);
        Assert.Equal(written.DateTimeOffset.Offset, read.DateTimeOffset.Offset);
        Assert.Equal(decimal.GetBits(written.Decimal), decimal.GetBits(read.Decimal));
        Assert.Equal(BitConverter.DoubleToInt64Bits(written.Double), BitConverter.DoubleToInt64Bits(read.Double));
    });

    [Fact]
    public void Every_nullable_is_read_as_it_was_written_and_null_is_not_zero() => Often(chance =>
    {
        var written = Samples.Nullables(chance);
        var read = Nullables.Decode(ModelCodec.Encode(written).Span);

        AssertSame(written.Bytes, read.Bytes);
        AssertSame(written.Memory?.ToArray(), read.Memory?.ToArray());
        AssertSame(written.Tree, read.Tree);
        Assert.Equal(written, read with { Bytes = written.Bytes, Memory = written.Memory, Tree = written.Tree });
    });

    [Fact]
    public void Every_collection_is_read_as_it_was_written() => Often(chance =>
    {
        var written = Samples.Collections(chance);
        var read = Collections.Decode(ModelCodec.Encode(written).Span);

        Assert.Equal(written.Id, read.Id);
        Assert.Equal(written.Ints, read.Ints);
        Assert.Equal(written.Longs, read.Longs);
        Assert.Equal(written.Doubles.AsEnumerable(), read.Doubles);
        Assert.Equal(written.Strings, read.Strings);
        Assert.Equal(written.Blobs, read.Blobs);
        Assert.Equal(written.Addresses.AsEnumerable(), read.Addresses);
        Assert.Equal(written.Points, read.Points);
        Assert.Equal(written.Colours, read.Colours);
        Assert.Equal(written.Vasts, read.Vasts);
        Assert.Equal(written.Guids, read.Guids);
        Assert.Equal(written.Moments, read.Moments);
        Assert.Equal(written.Moments.Select(moment => moment.Offset), read.Moments.Select(moment => moment.Offset));
        Assert.Equal(written.Decimals, read.Decimals);
        Assert.Equal(written.Bools, read.Bools);
        Assert.Equal(written.Floats, read.Floats);
        Assert.Equal(written.Scores.OrderBy(entry => entry.Key, StringComparer.Ordinal), read.Scores.OrderBy(entry => entry.Key, StringComparer.Ordinal));
        Assert.Equal(written.ByNumber.OrderBy(entry => entry.Key), read.ByNumber.OrderBy(entry => entry.Key));
        Assert.Equal(written.ByGuid.OrderBy(entry => entry.Key), read.ByGuid.OrderBy(entry => entry.Key));
        Assert.Equal(written.ByColour.OrderBy(entry => entry.Key).Select(entry => (entry.Key, Convert.ToHexString(entry.Value))), read.ByColour.OrderBy(entry => entry.Key).Select(entry => (entry.Key, Convert.ToHexString(entry.Value))));
        Assert.Equal(written.Days, read.Days);
        Assert.Equal(written.UInts, read.UInts);
        Assert.Equal(written.Trees.Count, read.Trees.Count);
        Assert.All(written.Trees.Zip(read.Trees), pair => AssertSame(pair.First, pair.Second));
    });

    [Fact]
    public void The_same_value_is_the_same_bytes_in_whatever_order_a_dictionary_was_filled() => Often(chance =>
    {
        var written = Samples.Collections(chance);
        var turned = written with
        {
            Scores = new Dictionary<string, int>(written.Scores.Reverse()),
            ByNumber = new Dictionary<int, Address>(written.ByNumber.Reverse()),
            ByColour = new Dictionary<Colour, byte[]>(written.ByColour.Reverse()),
        };

        Assert.Equal(ModelCodec.Encode(written), ModelCodec.Encode(turned));
    });

    [Fact]
    public void A_record_of_nothing_but_defaults_is_no_bytes_and_is_read_from_none()
    {
        // A nested record is there or not, like every message of protobuf: it alone leaves a mark.
        Assert.Equal("fa0100828001" + "00", ModelCodec.Encode(new Scalars { Id = 0 }).ToString());

        var read = Scalars.Decode([]);
        Assert.Equal(("", 0, new Address(), default(Point)), (read.String, read.Bytes.Length, read.Address, read.Point));
        Assert.Equal(default, read.DateTimeOffset);
        Assert.Empty(Collections.Decode([]).Strings);
        Assert.Null(Nullables.Decode([]).Int32);
    }

    [Fact]
    public void A_record_that_outgrows_the_output_is_written_all_the_same()
    {
        var big = new Nullables { Id = new string('ä', 300_000), Bytes = new byte[200_000] };
        var output = new System.Buffers.ArrayBufferWriter<byte>(16);
        Nullables.Encode(big, output);

        Assert.Equal(ModelCodec.Encode(big), new Payload(output.WrittenMemory));
        Assert.Equal(big.Id, Nullables.Decode(output.WrittenSpan).Id);
    }

    internal static void Often(Action<Chance> body, int rounds = Rounds, bool hasNegativeZeros = true)
    {
        for (var round = 0; round < rounds; round++)
        {
            try
            {
                body(new Chance(Chance.Seed + (ulong)round) { HasNegativeZeros = hasNegativeZeros });
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"NETABASE_SEED={Chance.Seed + (ulong)round} has it again", failure);
            }
        }
    }

    private static void AssertSame(byte[]? written, byte[]? read) => Assert.Equal(written, read);

    private static void AssertSame(Tree? written, Tree? read)
    {
        Assert.Equal(written is null, read is null);
        if (written is not null && read is not null)
        {
            Assert.Equal(written.Label, read.Label);
            Assert.Equal(written.Children.Length, read.Children.Length);
            Assert.All(written.Children.Zip(read.Children), pair => AssertSame(pair.First, pair.Second));
            AssertSame(written.Twin, read.Twin);
        }
    }
}
