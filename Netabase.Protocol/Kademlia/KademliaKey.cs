using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>
/// A place in the 256-bit key space: SHA-256 of a peer id's bytes or of a record key's bytes (libp2p kad-dht). Peers and records
/// live in one space, and whose place is nearer to a key holds it.
/// </summary>
public readonly record struct KademliaKey
{
    /// <summary>Bits of the key space.</summary>
    public const int Bits = 256;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    private KademliaKey(ReadOnlySpan<byte> hash)
    {
        _a = BinaryPrimitives.ReadUInt64BigEndian(hash);
        _b = BinaryPrimitives.ReadUInt64BigEndian(hash[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(hash[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(hash[24..]);
    }

    private KademliaKey(ulong a, ulong b, ulong c, ulong d) => (_a, _b, _c, _d) = (a, b, c, d);

    /// <summary>Where a peer lives.</summary>
    public static KademliaKey Of(PeerId peer) => Of(peer.Multihash.Span);

    /// <summary>Where bytes live: a record key, or the multihash of what is provided.</summary>
    public static KademliaKey Of(ReadOnlySpan<byte> preimage)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(preimage, hash);
        return new KademliaKey(hash);
    }

    /// <summary>A place given by its 32 bytes, for tests and for refreshing a stretch of the space.</summary>
    public static KademliaKey FromBytes(ReadOnlySpan<byte> place)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(place.Length, SHA256.HashSizeInBytes);
        return new KademliaKey(place);
    }

    /// <summary>How far two places are apart: their exclusive or, as a number (Kademlia, section 2.1).</summary>
    public Distance DistanceTo(KademliaKey other) => new(_a ^ other._a, _b ^ other._b, _c ^ other._c, _d ^ other._d);

    /// <summary>How many leading bits two places share: 0 for the far half of the space, 256 for the same place.</summary>
    public int CommonPrefixLength(KademliaKey other)
    {
        if (_a != other._a)
        {
            return BitOperations.LeadingZeroCount(_a ^ other._a);
        }

        if (_b != other._b)
        {
            return 64 + BitOperations.LeadingZeroCount(_b ^ other._b);
        }

        return _c != other._c
            ? 128 + BitOperations.LeadingZeroCount(_c ^ other._c)
            : 192 + BitOperations.LeadingZeroCount(_d ^ other._d);
    }

    /// <summary>A place that shares exactly <paramref name="prefix"/> leading bits with this one: a target to refresh that bucket with.</summary>
    /// <param name="prefix">0 to 255.</param>
    /// <param name="chance">Random bits for all that lies behind.</param>
    public KademliaKey InBucket(int prefix, ReadOnlySpan<byte> chance)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prefix);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(prefix, Bits);
        ArgumentOutOfRangeException.ThrowIfNotEqual(chance.Length, SHA256.HashSizeInBytes);
        Span<byte> place = stackalloc byte[SHA256.HashSizeInBytes];
        WriteTo(place);
        for (var bit = prefix; bit < Bits; bit++)
        {
            var mask = (byte)(0x80 >> (bit & 7));
            var flip = bit == prefix || (chance[bit >> 3] & mask) != 0;
            place[bit >> 3] ^= flip ? mask : (byte)0;
        }

        return new KademliaKey(place);
    }

    /// <summary>The 32 bytes.</summary>
    public void WriteTo(Span<byte> place)
    {
        BinaryPrimitives.WriteUInt64BigEndian(place, _a);
        BinaryPrimitives.WriteUInt64BigEndian(place[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(place[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(place[24..], _d);
    }

    /// <summary>The first 8 bytes in hexadecimal, enough for a log.</summary>
    public override string ToString() => $"{_a:x16}";
}

/// <summary>How far two places are apart; compares as a 256-bit number.</summary>
public readonly record struct Distance(ulong A, ulong B, ulong C, ulong D) : IComparable<Distance>
{
    /// <summary>No distance: the same place.</summary>
    public static Distance Zero => default;

    /// <inheritdoc/>
    public int CompareTo(Distance other)
    {
        if (A != other.A)
        {
            return A < other.A ? -1 : 1;
        }

        if (B != other.B)
        {
            return B < other.B ? -1 : 1;
        }

        return C != other.C ? (C < other.C ? -1 : 1) : D.CompareTo(other.D);
    }

    /// <summary>Nearer.</summary>
    public static bool operator <(Distance left, Distance right) => left.CompareTo(right) < 0;

    /// <summary>Farther.</summary>
    public static bool operator >(Distance left, Distance right) => left.CompareTo(right) > 0;

    /// <summary>Not farther.</summary>
    public static bool operator <=(Distance left, Distance right) => left.CompareTo(right) <= 0;

    /// <summary>Not nearer.</summary>
    public static bool operator >=(Distance left, Distance right) => left.CompareTo(right) >= 0;
}
