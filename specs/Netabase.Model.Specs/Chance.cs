using System.Globalization;
using System.Numerics;

namespace Netabase.Specs;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers from the same seed for ever, which the framework's random does not
/// promise. It prefers values near the edges, where mistakes live.
/// </summary>
internal sealed class Chance(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The seed of this run: <c>NETABASE_SEED</c> if set, so that a run can be had again, otherwise a new one.</summary>
    public static ulong Seed { get; } = ulong.TryParse(Environment.GetEnvironmentVariable("NETABASE_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var set)
        ? set
        : (ulong)System.DateTime.UtcNow.Ticks;

    /// <summary>Whether the long runs are on.</summary>
    public static bool IsLong => Environment.GetEnvironmentVariable("NETABASE_LONG") == "1";

    /// <summary>Google.Protobuf for C# takes the negative zero for the default and does not write it; the others and we do.</summary>
    public bool HasNegativeZeros { get; init; } = true;

    public ulong Next()
    {
        var z = _state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    public int Below(int bound) => (int)(Next() % (ulong)bound);

    public bool Flip() => (Next() & 1) != 0;

    /// <summary>A number of any width: often small, often all ones.</summary>
    public ulong Number()
    {
        var value = Next() >> Below(64);
        return Below(8) switch
        {
            0 => 0,
            1 => ulong.MaxValue >> Below(64),
            2 => 1ul << Below(64),
            _ => value,
        };
    }

    public T Integer<T>()
        where T : INumberBase<T> => T.CreateTruncating(Flip() ? (Int128)(long)Number() : -(Int128)Number());

    public byte[] Bytes(int lengthMax)
    {
        var bytes = new byte[Below(lengthMax + 1)];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = Below(4) == 0 ? (byte)0 : (byte)Next();
        }

        return bytes;
    }

    public string Text(int lengthMax)
    {
        var runes = new System.Text.StringBuilder();
        for (var i = Below(lengthMax + 1); i > 0; i--)
        {
            var code = Below(6) switch
            {
                0 => Below(0x80),
                1 => 0x80 + Below(0x780),
                2 => 0xE000 + Below(0x2000),
                3 => 0x10000 + Below(0x100000),
                _ => 'a' + Below(26),
            };
            _ = runes.Append(new System.Text.Rune(code).ToString());
        }

        return runes.ToString();
    }

    public Guid Guid() => new(Array(16, () => (byte)Next()));

    public float Single() => Below(4) switch
    {
        0 => BitConverter.UInt32BitsToSingle((uint)Next()),
        1 => HasNegativeZeros ? -0f : 1f,
        _ => Integer<int>() / 16f,
    };

    public double Double() => Below(4) switch
    {
        0 => BitConverter.UInt64BitsToDouble(Next()),
        1 => HasNegativeZeros ? -0d : 1d,
        _ => Integer<long>() / 16d,
    };

    public decimal Decimal() => new((int)Number(), (int)Number(), (int)Number(), Flip(), (byte)Below(29));

    public DateTime DateTime() => new((long)(Number() % (ulong)System.DateTime.MaxValue.Ticks), (DateTimeKind)Below(3));

    public DateTimeOffset DateTimeOffset()
    {
        var offset = TimeSpan.FromMinutes(Below((28 * 60) + 1) - (14 * 60));
        var margin = TimeSpan.TicksPerDay;
        var utc = margin + (long)(Number() % (ulong)(System.DateTime.MaxValue.Ticks - (2 * margin)));
        return Below(8) == 0 ? default : new DateTimeOffset(utc, TimeSpan.Zero).ToOffset(offset);
    }

    public DateOnly DateOnly() => System.DateOnly.FromDayNumber((int)(Number() % (ulong)(System.DateOnly.MaxValue.DayNumber + 1)));

    public TimeOnly TimeOnly() => new((long)(Number() % (ulong)(System.TimeOnly.MaxValue.Ticks + 1)));

    public T[] Array<T>(int length, Func<T> make)
    {
        var items = new T[length];
        for (var i = 0; i < length; i++)
        {
            items[i] = make();
        }

        return items;
    }

    public T[] Some<T>(Func<T> make) => Array(Below(4) == 0 ? 0 : Below(9), make);

    public T? Maybe<T>(Func<T> make)
        where T : struct => Flip() ? make() : null;
}
