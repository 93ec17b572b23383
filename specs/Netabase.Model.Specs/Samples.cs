using System.Collections.Immutable;
using static Netabase.Specs.Models.Everything;

namespace Netabase.Specs;

/// <summary>Records of every shape.</summary>
internal static class Samples
{
    private static readonly Colour[] Colours = [Colour.None, Colour.Red, Colour.Green, Colour.Infrared, (Colour)77, (Colour)int.MinValue];
    private static readonly Tiny[] Tinies = [Tiny.Zero, Tiny.Top, (Tiny)9];
    private static readonly Vast[] Vasts = [Vast.Zero, Vast.Top, (Vast)99];

    public static Scalars Scalars(Chance chance) => new()
    {
        Id = chance.Integer<long>(),
        Bool = chance.Flip(),
        Int8 = chance.Integer<sbyte>(),
        Int16 = chance.Integer<short>(),
        Int32 = chance.Integer<int>(),
        Int64 = chance.Integer<long>(),
        Int128 = new Int128(chance.Number(), chance.Number()),
        UInt8 = chance.Integer<byte>(),
        UInt16 = chance.Integer<ushort>(),
        UInt32 = chance.Integer<uint>(),
        UInt64 = chance.Number(),
        UInt128 = new UInt128(chance.Number(), chance.Number()),
        Char = (char)chance.Number(),
        Single = chance.Single(),
        Double = chance.Double(),
        Decimal = chance.Decimal(),
        String = chance.Text(80),
        Guid = chance.Flip() ? chance.Guid() : Guid.Empty,
        DateTimeOffset = chance.DateTimeOffset(),
        DateTime = chance.DateTime(),
        DateOnly = chance.DateOnly(),
        TimeOnly = chance.TimeOnly(),
        TimeSpan = new TimeSpan(chance.Integer<long>()),
        Colour = Pick(chance, Colours),
        Tiny = Pick(chance, Tinies),
        Vast = Pick(chance, Vasts),
        Bytes = chance.Bytes(300),
        Memory = chance.Bytes(20),
        Payload = new Payload(chance.Bytes(20)),
        ImmutableBytes = [.. chance.Bytes(20)],
        Address = Address(chance),
        Point = Point(chance),
        Last = chance.Integer<int>(),
    };

    public static Nullables Nullables(Chance chance) => new()
    {
        Id = chance.Text(10),
        Bool = chance.Maybe(chance.Flip),
        Int32 = chance.Maybe(chance.Integer<int>),
        UInt64 = chance.Maybe(chance.Number),
        Double = chance.Maybe(chance.Double),
        Decimal = chance.Maybe(chance.Decimal),
        String = chance.Flip() ? chance.Text(20) : null,
        Guid = chance.Maybe(chance.Guid),
        DateTimeOffset = chance.Maybe(chance.DateTimeOffset),
        DateTime = chance.Maybe(chance.DateTime),
        DateOnly = chance.Maybe(chance.DateOnly),
        TimeOnly = chance.Maybe(chance.TimeOnly),
        TimeSpan = chance.Maybe(() => new TimeSpan(chance.Integer<long>())),
        Colour = chance.Maybe(() => Pick(chance, Colours)),
        Vast = chance.Maybe(() => Pick(chance, Vasts)),
        Bytes = chance.Flip() ? chance.Bytes(20) : null,
        Memory = chance.Maybe<ReadOnlyMemory<byte>>(() => chance.Bytes(20)),
        Address = chance.Flip() ? Address(chance) : null,
        Point = chance.Maybe(() => Point(chance)),
        Tree = chance.Flip() ? Tree(chance, 4) : null,
    };

    public static Collections Collections(Chance chance) => new()
    {
        Id = Point(chance),
        Ints = [.. chance.Some(chance.Integer<int>)],
        Longs = chance.Some(chance.Integer<long>),
        Doubles = [.. chance.Some(chance.Double)],
        Strings = chance.Some(() => chance.Text(50)),
        Blobs = chance.Some(() => chance.Bytes(10)),
        Addresses = [.. chance.Some(() => Address(chance))],
        Points = [.. chance.Some(() => Point(chance))],
        Colours = chance.Some(() => Pick(chance, Colours)),
        Vasts = chance.Some(() => Pick(chance, Vasts)),
        Guids = chance.Some(chance.Guid),
        Moments = chance.Some(chance.DateTimeOffset),
        Decimals = chance.Some(chance.Decimal),
        Bools = chance.Some(chance.Flip),
        Floats = chance.Some(chance.Single),
        Scores = Dictionary(chance, () => chance.Text(5), chance.Integer<int>),
        ByNumber = Dictionary(chance, chance.Integer<int>, () => Address(chance)),
        ByGuid = Dictionary(chance, chance.Guid, () => chance.Text(9)).ToImmutableDictionary(),
        ByColour = Dictionary(chance, () => Pick(chance, Colours), () => chance.Bytes(9)),
        Days = chance.Some(chance.DateOnly),
        Trees = [.. chance.Some(() => Tree(chance, 3))],
        UInts = chance.Some(chance.Integer<uint>),
    };

    public static Tree Tree(Chance chance, int depth) => new()
    {
        Label = chance.Text(5),
        Children = depth == 0 ? [] : [.. chance.Array(chance.Below(4), () => Tree(chance, depth - 1))],
        Twin = depth > 0 && chance.Flip() ? Tree(chance, depth - 1) : null,
    };

    public static Address Address(Chance chance) => new()
    {
        Street = chance.Text(90),
        Number = chance.Integer<int>(),
        Extra = chance.Flip() ? chance.Text(4) : null,
    };

    public static Point Point(Chance chance) => new(chance.Integer<int>(), chance.Double());

    private static T Pick<T>(Chance chance, T[] from) => from[chance.Below(from.Length)];

    private static Dictionary<TKey, TValue> Dictionary<TKey, TValue>(Chance chance, Func<TKey> key, Func<TValue> value)
        where TKey : notnull
    {
        var entries = new Dictionary<TKey, TValue>();
        foreach (var each in chance.Some(key))
        {
            entries[each] = value();
        }

        return entries;
    }
}
