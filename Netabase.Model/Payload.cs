namespace Netabase;

/// <summary>
/// Immutable bytes that are equal when their content is: what a record that crosses a boundary holds instead of
/// <c>byte[]</c>, which compares by reference.
/// </summary>
public readonly struct Payload : IEquatable<Payload>, IComparable<Payload>
{
    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>Wraps bytes without copying: the caller gives up the right to change them.</summary>
    public Payload(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>No bytes.</summary>
    public static Payload Empty => default;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes.Span;

    /// <summary>How many bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _bytes.IsEmpty;

    /// <summary>A copy of bytes that somebody else may change.</summary>
    public static Payload Copy(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? default : new Payload(bytes.ToArray());

    /// <inheritdoc/>
    public bool Equals(Payload other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Payload other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>Byte by byte, unsigned; a prefix comes first. The order of every store.</summary>
    public int CompareTo(Payload other) => Span.SequenceCompareTo(other.Span);

    /// <summary>Lower-case hexadecimal, for logs.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    /// <summary>Content equality.</summary>
    public static bool operator ==(Payload left, Payload right) => left.Equals(right);

    /// <summary>Content inequality.</summary>
    public static bool operator !=(Payload left, Payload right) => !left.Equals(right);

    /// <summary>Byte order.</summary>
    public static bool operator <(Payload left, Payload right) => left.CompareTo(right) < 0;

    /// <summary>Byte order.</summary>
    public static bool operator >(Payload left, Payload right) => left.CompareTo(right) > 0;

    /// <summary>Byte order.</summary>
    public static bool operator <=(Payload left, Payload right) => left.CompareTo(right) <= 0;

    /// <summary>Byte order.</summary>
    public static bool operator >=(Payload left, Payload right) => left.CompareTo(right) >= 0;
}
