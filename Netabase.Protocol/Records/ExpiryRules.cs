namespace Netabase.Protocol.Records;

/// <summary>
/// How long a record is held. Kademlia, section 2.5: the time is "exponentially inversely proportional to the number of nodes
/// between the current node and the node whose ID is closest to the key", so that copies made on the path of a search do not outlive
/// the interest in them.
/// </summary>
public static class ExpiryRules
{
    /// <summary>More nearer nodes than this make no difference: the time is halved down to nothing long before.</summary>
    public const int CountMax = 64;

    /// <summary>When a holder lets a record go.</summary>
    /// <param name="expiresAt">The publisher's expiry, in unix milliseconds.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="nearer">How many nodes the holder knows that are nearer to the key than itself.</param>
    /// <param name="replicas">k: those have it for its whole time, and each one beyond halves it.</param>
    public static long HeldUntil(long expiresAt, long now, int nearer, int replicas)
    {
        var beyond = nearer - replicas + 1;
        return beyond <= 0 ? expiresAt : now + (Math.Max(0, expiresAt - now) >> Math.Min(beyond, 62));
    }
}
