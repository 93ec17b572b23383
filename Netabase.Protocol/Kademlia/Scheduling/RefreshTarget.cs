using System.Buffers.Binary;

namespace Netabase.Protocol.Kademlia.Scheduling;

/// <summary>
/// A key to search for when a bucket is to be refreshed. What travels is hashed by who answers, so a place cannot be asked for: a key
/// must be found whose hash lies in the bucket, by trying, which takes about 2^(bucket + 1) hashes.
/// </summary>
public static class RefreshTarget
{
    /// <summary>
    /// The nearest bucket that is refreshed: beyond it the search for ourselves knows everybody, in a network of up to about
    /// a hundred thousand nodes, and finding a key would take longer than the search.
    /// </summary>
    public const int BucketMax = 12;

    private const int TriesPerBit = 16;

    /// <summary>A key whose place shares exactly so many leading bits with ours; null when chance found none.</summary>
    /// <param name="self">Our place.</param>
    /// <param name="bucket">0 to <see cref="BucketMax"/>.</param>
    /// <param name="seed">Chance.</param>
    public static Payload? Find(KademliaKey self, int bucket, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bucket);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bucket, BucketMax);
        var chance = new SeededChance(seed);
        var key = new byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(key, chance.Next());
        BinaryPrimitives.WriteUInt64LittleEndian(key.AsSpan(8), chance.Next());
        for (var tries = 0; tries < TriesPerBit << (bucket + 1); tries++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(key.AsSpan(16), tries);
            if (self.CommonPrefixLength(KademliaKey.Of(key)) == bucket)
            {
                return new Payload(key);
            }
        }

        return null;
    }
}
