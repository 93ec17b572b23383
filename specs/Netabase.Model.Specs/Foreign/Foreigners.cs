using Every.Type;
using Google.Protobuf;
using Theirs = Every.Type;

namespace Netabase.Specs.Foreign;

/// <summary>Our records as protobuf's own generated classes hold them, field by field: what a reader in another language must see.</summary>
internal static class Foreigners
{
    public static Theirs.Scalars ToForeign(Models.Everything.Scalars ours) => new()
    {
        Id = ours.Id,
        Bool = ours.Bool,
        Int8 = ours.Int8,
        Int16 = ours.Int16,
        Int32 = ours.Int32,
        Int64 = ours.Int64,
        Int128 = ours.Int128 == 0 ? ByteString.Empty : BigEndian((UInt128)ours.Int128),
        UInt8 = ours.UInt8,
        UInt16 = ours.UInt16,
        UInt32 = ours.UInt32,
        UInt64 = ours.UInt64,
        UInt128 = ours.UInt128 == 0 ? ByteString.Empty : BigEndian(ours.UInt128),
        Char = ours.Char,
        Single = ours.Single,
        Double = ours.Double,
        Decimal = IsZero(ours.Decimal) ? null : ToForeign(ours.Decimal),
        String = ours.String,
        Guid = ours.Guid == Guid.Empty ? ByteString.Empty : ToForeign(ours.Guid),
        DateTimeOffset = ours.DateTimeOffset.Equals(default) && ours.DateTimeOffset.Offset == default ? null : ToForeign(ours.DateTimeOffset),
        DateTime = ours.DateTime.Ticks == 0 && ours.DateTime.Kind == DateTimeKind.Unspecified ? null : ToForeign(ours.DateTime),
        DateOnly = (uint)ours.DateOnly.DayNumber,
        TimeOnly = (ulong)ours.TimeOnly.Ticks,
        TimeSpan = ours.TimeSpan.Ticks,
        Colour = (Theirs.Colour)(int)ours.Colour,
        Tiny = (Theirs.Tiny)(int)ours.Tiny,
        Vast = (ulong)ours.Vast,
        Bytes = ByteString.CopyFrom(ours.Bytes),
        Memory = ByteString.CopyFrom(ours.Memory.Span),
        Payload = ByteString.CopyFrom(ours.Payload.Span),
        ImmutableBytes = ByteString.CopyFrom(ours.ImmutableBytes.AsSpan()),
        Address = ToForeign(ours.Address),
        Point = ToForeign(ours.Point),
        Last = ours.Last,
    };

    public static Theirs.Nullables ToForeign(Models.Everything.Nullables ours)
    {
        var theirs = new Theirs.Nullables
        {
            Id = ours.Id,
            Decimal = ours.Decimal is { } number ? ToForeign(number) : null,
            DateTimeOffset = ours.DateTimeOffset is { } moment ? ToForeign(moment) : null,
            DateTime = ours.DateTime is { } reading ? ToForeign(reading) : null,
            Address = ours.Address is { } address ? ToForeign(address) : null,
            Point = ours.Point is { } point ? ToForeign(point) : null,
            Tree = ours.Tree is { } tree ? ToForeign(tree) : null,
        };
        Set(ours.Bool, value => theirs.Bool = value);
        Set(ours.Int32, value => theirs.Int32 = value);
        Set(ours.UInt64, value => theirs.UInt64 = value);
        Set(ours.Double, value => theirs.Double = value);
        Set(ours.Guid, value => theirs.Guid = ToForeign(value));
        Set(ours.DateOnly, value => theirs.DateOnly = (uint)value.DayNumber);
        Set(ours.TimeOnly, value => theirs.TimeOnly = (ulong)value.Ticks);
        Set(ours.TimeSpan, value => theirs.TimeSpan = value.Ticks);
        Set(ours.Colour, value => theirs.Colour = (Theirs.Colour)(int)value);
        Set(ours.Vast, value => theirs.Vast = (ulong)value);
        Set(ours.Memory, value => theirs.Memory = ByteString.CopyFrom(value.Span));
        if (ours.String is { } text)
        {
            theirs.String = text;
        }

        if (ours.Bytes is { } bytes)
        {
            theirs.Bytes = ByteString.CopyFrom(bytes);
        }

        return theirs;
    }

    public static Theirs.Collections ToForeign(Models.Everything.Collections ours, bool turnAround)
    {
        IEnumerable<T> Turn<T>(IEnumerable<T> entries) => turnAround ? entries.Reverse() : entries;
        var theirs = new Theirs.Collections
        {
            Id = ToForeign(ours.Id),
            Ints = { ours.Ints },
            Longs = { ours.Longs },
            Doubles = { ours.Doubles },
            Strings = { ours.Strings },
            Blobs = { ours.Blobs.Select(blob => ByteString.CopyFrom(blob)) },
            Addresses = { ours.Addresses.Select(ToForeign) },
            Points = { ours.Points.Select(ToForeign) },
            Colours = { ours.Colours.Select(colour => (Theirs.Colour)(int)colour) },
            Vasts = { ours.Vasts.Select(vast => (ulong)vast) },
            Guids = { ours.Guids.Select(ToForeign) },
            Moments = { ours.Moments.Select(ToForeign) },
            Decimals = { ours.Decimals.Select(ToForeign) },
            Bools = { ours.Bools },
            Floats = { ours.Floats },
            Days = { ours.Days.Select(day => (uint)day.DayNumber) },
            Trees = { ours.Trees.Select(ToForeign) },
            UInts = { ours.UInts },
            ByGuid = { Turn(ours.ByGuid.OrderBy(entry => entry.Key)).Select(entry => new Theirs.Collections.Types.ByGuidEntry { Key = ToForeign(entry.Key), Value = entry.Value }) },
            ByColour = { Turn(ours.ByColour.OrderBy(entry => entry.Key)).Select(entry => new Theirs.Collections.Types.ByColourEntry { Key = (Theirs.Colour)(int)entry.Key, Value = ByteString.CopyFrom(entry.Value) }) },
        };
        foreach (var (key, value) in Turn(ours.Scores))
        {
            theirs.Scores.Add(key, value);
        }

        foreach (var (key, value) in Turn(ours.ByNumber))
        {
            theirs.ByNumber.Add(key, ToForeign(value));
        }

        return theirs;
    }

    private static Theirs.Address ToForeign(Models.Everything.Address ours)
    {
        var theirs = new Theirs.Address { Street = ours.Street, Number = ours.Number };
        if (ours.Extra is { } extra)
        {
            theirs.Extra = extra;
        }

        return theirs;
    }

    private static Theirs.Point ToForeign(Models.Everything.Point ours) => new() { X = ours.X, Y = ours.Y };

    private static Theirs.Tree ToForeign(Models.Everything.Tree ours) => new()
    {
        Label = ours.Label,
        Children = { ours.Children.Select(ToForeign) },
        Twin = ours.Twin is { } twin ? ToForeign(twin) : null,
    };

    private static NetabaseDecimal ToForeign(decimal ours)
    {
        var bits = decimal.GetBits(ours);
        return new NetabaseDecimal
        {
            Low = ((ulong)(uint)bits[1] << 32) | (uint)bits[0],
            High = (uint)bits[2],
            SignScale = ((uint)(bits[3] >> 16) & 0xFF) << 1 | (bits[3] < 0 ? 1u : 0u),
        };
    }

    private static NetabaseDateTimeOffset ToForeign(DateTimeOffset ours) => new()
    {
        UnixTicks = (ours - DateTimeOffset.UnixEpoch).Ticks,
        OffsetMinutes = (int)ours.Offset.TotalMinutes,
    };

    private static NetabaseDateTime ToForeign(DateTime ours) => new()
    {
        UnixTicks = ours.Ticks - DateTime.UnixEpoch.Ticks,
        Kind = (uint)ours.Kind,
    };

    private static ByteString ToForeign(Guid ours) => ByteString.CopyFrom(Convert.FromHexString(ours.ToString("N")));

    private static ByteString BigEndian(UInt128 ours) => ByteString.CopyFrom(Convert.FromHexString(ours.ToString("x32", null)));

    private static bool IsZero(decimal ours) => decimal.GetBits(ours).All(bits => bits == 0);

    private static void Set<T>(T? ours, Action<T> set)
        where T : struct
    {
        if (ours is { } value)
        {
            set(value);
        }
    }
}
