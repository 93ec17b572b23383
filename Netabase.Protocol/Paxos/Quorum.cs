namespace Netabase.Protocol.Paxos;

/// <summary>Majorities.</summary>
public static class Quorum
{
    /// <summary>
    /// The latest slot that a majority of the voters has reached: the value that as many voters as a majority takes are at or
    /// beyond.
    /// </summary>
    /// <param name="configuration">Whose majority.</param>
    /// <param name="through">How far each voter is.</param>
    public static Slot Reached(Configuration configuration, Func<NodeId, Slot> through)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(through);
        var voters = configuration.Voters;
        Span<ulong> reached = voters.Length <= 32 ? stackalloc ulong[voters.Length] : new ulong[voters.Length];
        for (var i = 0; i < voters.Length; i++)
        {
            reached[i] = through(voters[i].Node).Number;
        }

        reached.Sort();
        return new Slot(reached[voters.Length - configuration.Majority]);
    }

    /// <summary>Whether a majority of the voters has it.</summary>
    public static bool Has(Configuration configuration, Func<NodeId, bool> has)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(has);
        var count = 0;
        foreach (var voter in configuration.Voters)
        {
            count += has(voter.Node) ? 1 : 0;
        }

        return count >= configuration.Majority;
    }

    /// <summary>Whether a majority of every one of these configurations has it.</summary>
    public static bool HasInEach(ReadOnlySpan<Configuration> configurations, Func<NodeId, bool> has)
    {
        foreach (var configuration in configurations)
        {
            if (!Has(configuration, has))
            {
                return false;
            }
        }

        return true;
    }
}
