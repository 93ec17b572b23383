namespace Netabase.Protocol.Kademlia.Scheduling;

/// <summary>
/// The work that has come due, for its owner to begin. Every case but <see cref="Wait"/> holds a place until it is reported with
/// <see cref="KademliaSchedules.Finished"/>, however it ended.
/// </summary>
public abstract record ScheduleStep
{
    private ScheduleStep()
    {
    }

    /// <summary>Seal our own record anew, with a new expiry, and put it to the peers nearest to it.</summary>
    public sealed record Republish(Payload Key) : ScheduleStep;

    /// <summary>Put what is held of another to the peers nearest to it, as it is.</summary>
    public sealed record Replicate(Payload Key) : ScheduleStep;

    /// <summary>Announce again that we provide this.</summary>
    public sealed record Reprovide(Payload Key) : ScheduleStep;

    /// <summary>Forget announcements and held records whose time has passed.</summary>
    public sealed record Sweep : ScheduleStep;

    /// <summary>Search for ourselves; buckets follow once it is finished.</summary>
    public sealed record SearchSelf : ScheduleStep;

    /// <summary>Search for a key whose place lies in a bucket that was not looked into for long.</summary>
    /// <param name="Bucket">Which.</param>
    /// <param name="Key">What to search for.</param>
    public sealed record Refresh(int Bucket, Payload Key) : ScheduleStep;

    /// <summary>Nothing now: look again at that time, or when something has changed.</summary>
    public sealed record Wait(long Until) : ScheduleStep;
}

/// <summary>Intervals and bounds of what a node does by itself. Times in milliseconds.</summary>
/// <param name="RepublishEvery">Our own records, 22 h.</param>
/// <param name="ReplicateEvery">What is held of others, 1 h.</param>
/// <param name="ReprovideEvery">What we provide, 12 h.</param>
/// <param name="SweepEvery">What has expired.</param>
/// <param name="BootstrapEvery">The search for ourselves and a look into each bucket, 5 min.</param>
/// <param name="JitterPerMille">Each interval is shortened by chance, by up to so many thousandths, so that nodes do not move in step.</param>
/// <param name="ParallelMax">Works under way at once.</param>
/// <param name="PublishedMax">Records of ours that are published again and again.</param>
/// <param name="ProvidedMax">Keys we provide, 1024.</param>
public sealed record ScheduleBounds(
    long RepublishEvery,
    long ReplicateEvery,
    long ReprovideEvery,
    long SweepEvery,
    long BootstrapEvery,
    int JitterPerMille,
    int ParallelMax,
    int PublishedMax,
    int ProvidedMax);
