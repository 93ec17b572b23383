using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Netabase;

/// <summary>The groups of seven bits that a varint is made of, eight of them at once: in one instruction where the processor has it.</summary>
internal static class Sevens
{
    private const ulong Low = 0x7F7F_7F7F_7F7F_7F7F;

    /// <summary>Eight groups of seven bits, each in a byte of its own whose high bit says nothing, become one number of 56 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compact(ulong bytes) => Bmi2.X64.IsSupported ? Bmi2.X64.ParallelBitExtract(bytes, Low) : CompactByMasks(bytes);

    /// <summary>The low 56 bits of a number become eight groups of seven, each in a byte of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Spread(ulong value) => Bmi2.X64.IsSupported ? Bmi2.X64.ParallelBitDeposit(value, Low) : SpreadByMasks(value);

    /// <summary><see cref="Compact"/> everywhere else.</summary>
    public static ulong CompactByMasks(ulong bytes)
    {
        bytes &= Low;
        bytes = (bytes & 0x007F_007F_007F_007F) | ((bytes & 0x7F00_7F00_7F00_7F00) >> 1);
        bytes = (bytes & 0x0000_3FFF_0000_3FFF) | ((bytes & 0x3FFF_0000_3FFF_0000) >> 2);
        return (bytes & 0x0FFF_FFFF) | ((bytes & 0x0FFF_FFFF_0000_0000) >> 4);
    }

    /// <summary><see cref="Spread"/> everywhere else.</summary>
    public static ulong SpreadByMasks(ulong value)
    {
        value = (value & 0x0FFF_FFFF) | ((value & 0x00FF_FFFF_F000_0000) << 4);
        value = (value & 0x0000_3FFF_0000_3FFF) | ((value & 0x0FFF_C000_0FFF_C000) << 2);
        return (value & 0x007F_007F_007F_007F) | ((value & 0x3F80_3F80_3F80_3F80) << 1);
    }
}
