using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Netabase.Specs.Models;

namespace Netabase.Specs;

/// <summary>Key bytes compare as the values do, and are equal exactly when the values compare as equal. FsCheck prints the replay of what fails.</summary>
[Properties(MaxTest = 2_000, Arbitrary = [typeof(Edges)])]
public class KeyOrderSpecs
{
    [Property]
    public void Small_integers(sbyte a, sbyte b, short c, short d, byte e, byte f, ushort g, ushort h)
    {
        Ordered(a, b, static (sbyte value, ref KeyWriter key) => key.Append(value));
        Ordered(c, d, static (short value, ref KeyWriter key) => key.Append(value));
        Ordered(e, f, static (byte value, ref KeyWriter key) => key.Append(value));
        Ordered(g, h, static (ushort value, ref KeyWriter key) => key.Append(value));
    }

    [Property]
    public void Integers(Pair<int> a, Pair<uint> b, Pair<long> c, Pair<ulong> d, Pair<Int128> e, Pair<UInt128> f)
    {
        Ordered(a.Left, a.Right, static (int value, ref KeyWriter key) => key.Append(value));
        Ordered(b.Left, b.Right, static (uint value, ref KeyWriter key) => key.Append(value));
        Ordered(c.Left, c.Right, static (long value, ref KeyWriter key) => key.Append(value));
        Ordered(d.Left, d.Right, static (ulong value, ref KeyWriter key) => key.Append(value));
        Ordered(e.Left, e.Right, static (Int128 value, ref KeyWriter key) => key.Append(value));
        Ordered(f.Left, f.Right, static (UInt128 value, ref KeyWriter key) => key.Append(value));
    }

    [Property]
    public void Truth_and_characters(bool a, bool b, char c, char d)
    {
        Ordered(a, b, static (bool value, ref KeyWriter key) => key.Append(value));
        Ordered(c, d, static (char value, ref KeyWriter key) => key.Append(value));
    }

    [Property]
    public void Floating_numbers_with_not_a_number_first_and_one_zero(Pair<float> a, Pair<double> b)
    {
        Ordered(a.Left, a.Right, static (float value, ref KeyWriter key) => key.Append(value));
        Ordered(b.Left, b.Right, static (double value, ref KeyWriter key) => key.Append(value));
    }

    [Property]
    public void Decimals_whatever_their_scale(Pair<decimal> a) =>
        Ordered(a.Left, a.Right, static (decimal value, ref KeyWriter key) => key.Append(value));

    [Property]
    public void Text_by_code_point(Pair<string> a) => Ordered(
        a.Left, a.Right, static (string value, ref KeyWriter key) => key.Append(value), Comparer<string>.Create(CompareRunes));

    [Property]
    public void Guids(Pair<Guid> a) => Ordered(a.Left, a.Right, static (Guid value, ref KeyWriter key) => key.Append(value));

    [Property]
    public void Dates_and_times(Pair<DateTimeOffset> a, Pair<DateTime> b, Pair<DateOnly> c, Pair<TimeOnly> d, Pair<TimeSpan> e)
    {
        Ordered(a.Left, a.Right, static (DateTimeOffset value, ref KeyWriter key) => key.Append(value));
        Ordered(b.Left, b.Right, static (DateTime value, ref KeyWriter key) => key.Append(value));
        Ordered(c.Left, c.Right, static (DateOnly value, ref KeyWriter key) => key.Append(value));
        Ordered(d.Left, d.Right, static (TimeOnly value, ref KeyWriter key) => key.Append(value));
        Ordered(e.Left, e.Right, static (TimeSpan value, ref KeyWriter key) => key.Append(value));
    }

    [Property]
    public void Bytes(Pair<byte[]> a) => Ordered(
        a.Left, a.Right, static (byte[] value, ref KeyWriter key) => key.Append(value), Comparer<byte[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y)));

    [Property]
    public void Values_by_the_first_field_that_differs(Pair<Keys.Composite> a)
    {
        var left = Encoded(a.Left);
        var right = Encoded(a.Right);

        Assert.Equal(Math.Sign(Compare(a.Left, a.Right)), Math.Sign(left.CompareTo(right)));

        // No composite is the beginning of another, so that whatever follows one cannot change its place.
        Assert.True(left == right || !(left.Span.StartsWith(right.Span) || right.Span.StartsWith(left.Span)));
    }

    [Fact]
    public void A_generated_index_and_a_generated_key_write_what_is_specified_here()
    {
        var record = new Everything.Nullables { Id = "id", Int32 = -1, Colour = Everything.Colour.Infrared, Vast = Everything.Vast.Top };

        Assert.Equal("7fffffff", Index(record, 3)?.ToString());
        Assert.Equal("7fffffff", Index(record, 14)?.ToString());
        Assert.Equal("ffffffffffffffff", Index(record, 15)?.ToString());
        Assert.Null(Index(record, 7));
        Assert.Equal(Index(record, 3), Everything.Nullables.Indexes.Int32.Encode(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Index(record, 20));
        Assert.Equal("80000001" + "8000000000000000", ModelCodec.EncodePrimaryKey(new Everything.Collections { Id = new(1, 0) }).ToString());
    }

    private static Payload? Index(Everything.Nullables record, int number)
    {
        var key = new KeyWriter(stackalloc byte[64]);
        return Everything.Nullables.EncodeSecondaryKey(record, number, ref key) ? Payload.Copy(key.Written) : null;
    }

    private static Payload Encoded(Keys.Composite value) => ModelCodec.EncodePrimaryKey(new Keys.ByComposite { Id = value });

    private static int Compare(Keys.Composite a, Keys.Composite b) => CompareRunes(a.Name, b.Name) is not 0 and var name ? name
        : a.Data.AsSpan().SequenceCompareTo(b.Data) is not 0 and var data ? data
        : Comparer<int?>.Default.Compare(a.Number, b.Number) is not 0 and var number ? number
        : (a.Note, b.Note) switch
        {
            (null, null) => 0,
            (null, _) => -1,
            (_, null) => 1,
            var (x, y) => CompareRunes(x, y),
        };

    private static int CompareRunes(string a, string b)
    {
        using var left = a.EnumerateRunes().GetEnumerator();
        using var right = b.EnumerateRunes().GetEnumerator();
        while (true)
        {
            switch (left.MoveNext(), right.MoveNext())
            {
                case (false, false):
                    return 0;
                case (false, true):
                    return -1;
                case (true, false):
                    return 1;
                default:
                    if (left.Current.CompareTo(right.Current) is not 0 and var order)
                    {
                        return order;
                    }

                    break;
            }
        }
    }

    private static void Ordered<T>(T left, T right, KeyEncoder<T> encode, IComparer<T>? order = null) =>
        Assert.Equal(Math.Sign((order ?? Comparer<T>.Default).Compare(left, right)), Math.Sign(Encode(left, encode).CompareTo(Encode(right, encode))));

    private static Payload Encode<T>(T value, KeyEncoder<T> encode)
    {
        // Too little memory at first, so that growing is tried as well.
        var key = new KeyWriter(stackalloc byte[3]);
        encode(value, ref key);
        var bytes = Payload.Copy(key.Written);
        key.Dispose();
        return bytes;
    }

    /// <summary>Two values that are often near each other or the same.</summary>
    public sealed record Pair<T>(T Left, T Right);

    /// <summary>Values near the edges of their types, from <see cref="Chance"/>.</summary>
    public static class Edges
    {
        public static Arbitrary<Pair<int>> Ints() => Of(chance => chance.Integer<int>());

        public static Arbitrary<Pair<uint>> UInts() => Of(chance => chance.Integer<uint>());

        public static Arbitrary<Pair<long>> Longs() => Of(chance => chance.Integer<long>());

        public static Arbitrary<Pair<ulong>> ULongs() => Of(chance => chance.Number());

        public static Arbitrary<Pair<Int128>> Int128s() => Of(chance => new Int128(chance.Number(), chance.Number()));

        public static Arbitrary<Pair<UInt128>> UInt128s() => Of(chance => new UInt128(chance.Number(), chance.Number()));

        public static Arbitrary<Pair<float>> Singles() => Of(chance => chance.Single());

        public static Arbitrary<Pair<double>> Doubles() => Of(chance => chance.Double());

        public static Arbitrary<Pair<decimal>> Decimals() => Of(chance => chance.Below(3) == 0 ? Math.Round(chance.Integer<int>() / 100m, chance.Below(3)) : chance.Decimal());

        public static Arbitrary<Pair<string>> Texts() => Of(chance => chance.Text(4));

        public static Arbitrary<Pair<byte[]>> Bytes() => Of(chance => chance.Bytes(4));

        public static Arbitrary<Pair<Guid>> Guids() => Of(chance => chance.Guid());

        public static Arbitrary<Pair<DateTimeOffset>> Moments() => Of(chance => chance.DateTimeOffset());

        public static Arbitrary<Pair<DateTime>> Readings() => Of(chance => chance.DateTime());

        public static Arbitrary<Pair<DateOnly>> Days() => Of(chance => chance.DateOnly());

        public static Arbitrary<Pair<TimeOnly>> Times() => Of(chance => chance.TimeOnly());

        public static Arbitrary<Pair<TimeSpan>> Spans() => Of(chance => new TimeSpan(chance.Integer<long>()));

        public static Arbitrary<Pair<Keys.Composite>> Composites() => Of(chance => new Keys.Composite
        {
            Name = chance.Flip() ? new string('\0', chance.Below(3)) : chance.Text(2),
            Data = chance.Bytes(3),
            Number = chance.Maybe(() => chance.Below(3)),
            Note = chance.Flip() ? chance.Text(1) : null,
        });

        private static Arbitrary<Pair<T>> Of<T>(Func<Chance, T> make) => ArbMap.Default.GeneratorFor<ulong>()
            .Select(seed =>
            {
                var chance = new Chance(seed);
                var left = make(chance);
                return new Pair<T>(left, chance.Below(5) == 0 ? left : make(chance));
            })
            .ToArbitrary();
    }
}
