using System.Runtime.CompilerServices;

namespace Netabase;

/// <summary>
/// Fields with implicit presence: one that has its type's default value is not written, as proto3 has it. Where presence is
/// explicit (a nullable property, an element of a list, the two halves of a map entry) generated code calls <c>WriteAlways</c>.
/// </summary>
public ref partial struct WireWriter
{
    /// <summary>Writes a field unless it is false.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(uint tag, bool value)
    {
        if (value)
        {
            WriteAlways(tag, true);
        }
    }

    /// <summary>Writes a field unless it is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(uint tag, int value)
    {
        if (value != 0)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless it is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(uint tag, uint value)
    {
        if (value != 0)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless it is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(uint tag, long value)
    {
        if (value != 0)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless it is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(uint tag, ulong value)
    {
        if (value != 0)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless it is zero.</summary>
    public void Write(uint tag, Int128 value)
    {
        if (value != 0)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless it is zero.</summary>
    public void Write(uint tag, UInt128 value)
    {
        if (value != 0)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless all its bits are zero: the negative zero is written.</summary>
    public void Write(uint tag, float value)
    {
        if (BitConverter.SingleToUInt32Bits(value) != 0)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless all its bits are zero: the negative zero is written.</summary>
    public void Write(uint tag, double value)
    {
        if (BitConverter.DoubleToUInt64Bits(value) != 0)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless it is zero without decimals: 0.00 is written.</summary>
    public void Write(uint tag, decimal value)
    {
        if (value != 0 || value.Scale != 0 || decimal.IsNegative(value))
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless it is empty.</summary>
    /// <exception cref="ArgumentException">It is null, or not valid UTF-16.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(uint tag, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Length != 0)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless it is empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(uint tag, scoped ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless it is the empty guid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(uint tag, Guid value)
    {
        if (value != Guid.Empty)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless it is the first moment of year 1 without an offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(uint tag, DateTimeOffset value)
    {
        if (value.UtcTicks != 0 || value.TotalOffsetMinutes != 0)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless it is the first moment of year 1 of unspecified kind.</summary>
    public void Write(uint tag, DateTime value)
    {
        if (value.Ticks != 0 || value.Kind != DateTimeKind.Unspecified)
        {
            WriteAlways(tag, value);
        }
    }

    /// <summary>Writes a field unless it is the first day of year 1.</summary>
    public void Write(uint tag, DateOnly value) => Write(tag, (uint)value.DayNumber);

    /// <summary>Writes a field unless it is midnight.</summary>
    public void Write(uint tag, TimeOnly value) => Write(tag, (ulong)value.Ticks);

    /// <summary>Writes a field unless it is zero.</summary>
    public void Write(uint tag, TimeSpan value) => Write(tag, value.Ticks);

    /// <summary>Writes an enum's number unless it is zero.</summary>
    public void WriteEnum(uint tag, int value)
    {
        if (value != 0)
        {
            WriteEnumAlways(tag, value);
        }
    }
}
