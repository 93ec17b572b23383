using System.Text;

namespace Netabase;

/// <summary>
/// The one name of a record everywhere: put, get, provide, remove, replicate and consensus. It is
/// <c>utf8(definition) '/' tag(2 bytes, big endian) '/' primary key bytes</c>, so that keys of one model stand together in order.
/// The primary key of a model owned by its publishers begins with the owner: one byte of length and the peer id.
/// </summary>
public readonly struct RecordKey : IEquatable<RecordKey>
{
    /// <summary>The most bytes of a primary key's encoding.</summary>
    public const int PrimaryKeyMax = 1024;

    private const byte Separator = (byte)'/';

    private RecordKey(Payload bytes) => Bytes = bytes;

    /// <summary>The bytes whose SHA-256 is the key's place in the DHT.</summary>
    public Payload Bytes { get; }

    /// <summary>Derives the key of a record; the only place that does.</summary>
    /// <param name="definition">The definition's wire name.</param>
    /// <param name="tag">The model's tag.</param>
    /// <param name="primaryKey">The primary key in its order-preserving encoding, 1 to <see cref="PrimaryKeyMax"/> bytes.</param>
    public static RecordKey Derive(string definition, ushort tag, ReadOnlySpan<byte> primaryKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(definition);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(primaryKey.Length, PrimaryKeyMax);
        var name = Encoding.UTF8.GetByteCount(definition);
        var bytes = new byte[name + 4 + primaryKey.Length];
        Encoding.UTF8.GetBytes(definition, bytes);
        bytes[name] = Separator;
        bytes[name + 1] = (byte)(tag >> 8);
        bytes[name + 2] = (byte)tag;
        bytes[name + 3] = Separator;
        primaryKey.CopyTo(bytes.AsSpan(name + 4));
        return new RecordKey(new Payload(bytes));
    }

    /// <summary>Reads a key that came from outside.</summary>
    /// <returns>False when the bytes are not of the form above.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out RecordKey key, out string definition, out ushort tag, out ReadOnlySpan<byte> primaryKey)
    {
        key = default;
        definition = string.Empty;
        tag = 0;
        primaryKey = default;
        var name = bytes.IndexOf(Separator);
        if (name < 0 || !DefinitionName.IsValid(bytes[..name]) || bytes.Length < name + 4 || bytes[name + 3] != Separator
            || bytes.Length - name - 4 > PrimaryKeyMax)
        {
            return false;
        }

        definition = Encoding.ASCII.GetString(bytes[..name]);
        tag = (ushort)((bytes[name + 1] << 8) | bytes[name + 2]);
        primaryKey = bytes[(name + 4)..];
        key = new RecordKey(Payload.Copy(bytes));
        return tag != 0;
    }

    /// <summary>Takes the publisher off a primary key of a model owned by its publishers.</summary>
    /// <returns>False when it does not begin with a peer id, or ends with it.</returns>
    public static bool TrySplitOwner(ReadOnlySpan<byte> primaryKey, out Multiformats.PeerId owner, out ReadOnlySpan<byte> rest)
    {
        owner = default;
        rest = default;
        if (primaryKey.IsEmpty || primaryKey.Length <= primaryKey[0] + 1 || !Multiformats.PeerId.TryFromBytes(primaryKey.Slice(1, primaryKey[0]), out owner))
        {
            return false;
        }

        rest = primaryKey[(primaryKey[0] + 1)..];
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(RecordKey other) => Bytes.Equals(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RecordKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Bytes.GetHashCode();

    /// <summary>Definition, tag, and the primary key in hexadecimal.</summary>
    public override string ToString() => TryParse(Bytes.Span, out _, out var definition, out var tag, out var primaryKey)
        ? $"{definition}/{tag}/{Convert.ToHexStringLower(primaryKey)}"
        : Bytes.ToString();

    /// <summary>Content equality.</summary>
    public static bool operator ==(RecordKey left, RecordKey right) => left.Equals(right);

    /// <summary>Content inequality.</summary>
    public static bool operator !=(RecordKey left, RecordKey right) => !left.Equals(right);
}
