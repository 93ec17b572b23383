namespace Netabase.Linearizability;

/// <summary>A set of the operations under way on one register, at most <see cref="Max"/> at once.</summary>
internal readonly record struct Slots(UInt128 Low, UInt128 High)
{
    public const int Max = 256;

    private const int Half = 128;

    public static Slots Of(int slot) => slot < Half ? new Slots(UInt128.One << slot, 0) : new Slots(0, UInt128.One << (slot - Half));

    public bool IsEmpty => Low == 0 && High == 0;

    public bool Has(int slot) => ((slot < Half ? Low >> slot : High >> (slot - Half)) & 1) != 0;

    public Slots With(Slots others) => new(Low | others.Low, High | others.High);

    public Slots Without(Slots others) => new(Low & ~others.Low, High & ~others.High);

    /// <summary>The smallest slot in it; of an empty set <see cref="Max"/>.</summary>
    public int First => Low != 0 ? (int)UInt128.TrailingZeroCount(Low) : High != 0 ? Half + (int)UInt128.TrailingZeroCount(High) : Max;
}
