using System.Globalization;
using static Netabase.Specs.Models.Everything;

namespace Netabase.Specs;

/// <summary>
/// Bytes from a stranger: they are read, or refused with the one error that says so. 200 thousand inputs; ten million with
/// <c>NETABASE_LONG=1</c>.
/// </summary>
public class HostileBytesSpecs
{
    /// <summary>What the smallest input may cost whatever it says: the record itself and its empty collections.</summary>
    private const long FreeBytes = 16 * 1024;

    /// <summary>The worst that a byte can honestly ask for: an empty nested record, of two bytes, becomes an object of this model.</summary>
    private const long BytesAByte = 128;

    private static int Inputs => Chance.IsLong ? 10_000_000 : 200_000;

    [Fact]
    public void Whatever_the_bytes_are_they_are_read_or_refused_and_cost_no_more_than_they_justify()
    {
        var seed = Chance.Seed;
        var (read, refused) = (0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var chance = new Chance(seed + (ulong)i);
            var input = Input(chance);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                _ = Decode(chance.Below(3), input);
                read++;
            }
            catch (RecordFormatException)
            {
                refused++;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException(Replay(seed + (ulong)i, input), failure);
            }

            var cost = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(cost <= FreeBytes + (BytesAByte * input.Length), $"{cost} bytes allocated: {Replay(seed + (ulong)i, input)}");
        }

        // A spec in which everything is refused, or nothing is, would prove little.
        Assert.InRange(read, Inputs / 100, Inputs);
        Assert.InRange(refused, Inputs / 100, Inputs);
    }

    [Fact]
    public void What_was_read_is_written_and_read_again_as_the_same()
    {
        var seed = Chance.Seed;
        for (var i = 0; i < 20_000; i++)
        {
            var chance = new Chance(seed + (ulong)i);
            var input = Input(chance);
            try
            {
                var first = ModelCodec.Encode(Scalars.Decode(input));
                Assert.True(first == ModelCodec.Encode(Scalars.Decode(first.Span)), Replay(seed + (ulong)i, input));
            }
            catch (RecordFormatException)
            {
                // Refused: nothing to write.
            }
        }
    }

    [Theory]
    [InlineData("0a", "a length that is not there")]
    [InlineData("8a0105", "text shorter than its length")]
    [InlineData("8a0102c328", "text that is not UTF-8")]
    [InlineData("8a0103eda080", "half of a surrogate pair in UTF-8")]
    [InlineData("08ffffffffffffffffff02", "a varint of more than 64 bits")]
    [InlineData("0880808080808080808080" + "01", "a varint of eleven bytes")]
    [InlineData("0a0101", "a number as text")]
    [InlineData("0901020304" + "05060708", "a varint's field as eight bytes")]
    [InlineData("18ff03", "an int8 of 256 and more")]
    [InlineData("92010411223344", "a guid of four bytes")]
    [InlineData("9a010310d21a", "an offset of more than fourteen hours")]
    [InlineData("9a010909ffffffffffffff7f", "a moment after the year 9999")]
    [InlineData("82010218" + "3a", "a decimal of 29 decimals")]
    [InlineData("a801ffffffff0f", "a day after the year 9999")]
    [InlineData("00", "field number zero")]
    [InlineData("0f", "a wire type that does not exist")]
    [InlineData("a606", "a group that does not end")]
    [InlineData("a306ac06", "a group that ends as another")]
    [InlineData("ac06", "the end of a group that did not begin")]
    public void Bytes_that_no_writer_writes_are_refused(string hex, string what)
    {
        var error = Record.Exception(() => Scalars.Decode(Convert.FromHexString(hex)));

        Assert.True(error is RecordFormatException, $"{what}: {error?.ToString() ?? "was read"}");
    }

    [Theory]
    [InlineData("088100", -1L, "a varint longer than need be")]
    [InlineData("08020804", 2L, "the last of two")]
    [InlineData("a306a4060802", 1L, "a group among unknown fields")]
    public void Bytes_that_only_others_write_are_read(string hex, long id, string what) =>
        Assert.True(Scalars.Decode(Convert.FromHexString(hex)) is { } read && read.Id == id, what);

    [Fact]
    public void Values_nested_deeper_than_sixty_four_are_refused_in_both_directions()
    {
        Tree Deep(int depth) => new() { Label = "x", Children = [], Twin = depth == 0 ? null : Deep(depth - 1) };

        var deepest = new Nullables { Id = "", Tree = Deep(WireWriter.DepthMax - 1) };
        Assert.NotNull(Nullables.Decode(ModelCodec.Encode(deepest).Span).Tree);
        Assert.Throws<ArgumentException>(() => ModelCodec.Encode(new Nullables { Id = "", Tree = Deep(WireWriter.DepthMax) }));

        byte[] nested = [];
        for (var i = 0; i < 100_000; i++)
        {
            nested = [0x1a, .. Length(nested.Length), .. nested];
            if (nested.Length > 4000)
            {
                break;
            }
        }

        Assert.Throws<RecordFormatException>(() => Nullables.Decode([0xa2, 0x01, .. Length(nested.Length), .. nested]));
    }

    [Fact]
    public void A_text_without_UTF_8_is_not_written() =>
        Assert.Throws<ArgumentException>(() => ModelCodec.Encode(new Nullables { Id = "\ud800" }));

    private static byte[] Length(int length) => length < 0x80 ? [(byte)length] : [(byte)(length | 0x80), (byte)(length >> 7)];

    private static object Decode(int model, byte[] input) => model switch
    {
        0 => Scalars.Decode(input),
        1 => Nullables.Decode(input),
        _ => Collections.Decode(input),
    };

    /// <summary>Half of them are records that something happened to, the other half tags with anything behind them.</summary>
    private static byte[] Input(Chance chance) => chance.Below(8) switch
    {
        0 => chance.Bytes(64),
        1 or 2 => Tags(chance),
        3 => Mutate(chance, ModelCodec.Encode(Samples.Nullables(chance)).Span.ToArray()),
        4 or 5 => Mutate(chance, ModelCodec.Encode(Samples.Collections(chance)).Span.ToArray()),
        _ => Mutate(chance, ModelCodec.Encode(Samples.Scalars(chance)).Span.ToArray()),
    };

    private static byte[] Tags(Chance chance)
    {
        var output = new List<byte>();
        for (var i = chance.Below(20); i > 0; i--)
        {
            output.AddRange(Length((chance.Below(34) << 3) | chance.Below(6)));
            output.AddRange(chance.Flip() ? chance.Bytes(12) : [.. Length(chance.Below(6)), .. chance.Bytes(6)]);
        }

        return [.. output];
    }

    private static byte[] Mutate(Chance chance, byte[] bytes)
    {
        for (var i = chance.Below(4); i > 0 && bytes.Length > 0; i--)
        {
            var at = chance.Below(bytes.Length);
            switch (chance.Below(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << chance.Below(8));
                    break;
                case 1:
                    bytes[at] = (byte)chance.Next();
                    break;
                case 2:
                    bytes = bytes[..at];
                    break;
                case 3:
                    bytes = [.. bytes[..at], .. chance.Bytes(5), .. bytes[at..]];
                    break;
                default:
                    bytes = [.. bytes[at..], .. bytes[..at]];
                    break;
            }
        }

        return bytes;
    }

    private static string Replay(ulong seed, byte[] input) =>
        string.Create(CultureInfo.InvariantCulture, $"NETABASE_SEED={seed} has it again; the input was {Convert.ToHexStringLower(input)}");
}
