namespace Netabase.Paxos.Benchmarks.Members;

/// <summary>One member in a process of its own, behind <see cref="FrontServer"/>.</summary>
internal interface IMember : IAsyncDisposable
{
    bool IsLeader { get; }

    /// <summary>How far the log is applied here, where the member can say.</summary>
    ulong AppliedThrough => 0;

    /// <returns>False when this member does not lead.</returns>
    ValueTask<bool> WriteAsync(byte[] key, byte[] value);

    /// <returns>False when this member does not lead.</returns>
    ValueTask<bool> ReadAsync(byte[] key);
}

/// <param name="Index">Which of the members.</param>
/// <param name="Ports">The members' own ports.</param>
/// <param name="FrontPort">Where this one is asked.</param>
/// <param name="Folder">Its data.</param>
/// <param name="ElectionTimeout">The same for all contestants.</param>
/// <param name="Hocon">What Netabase's group is told beside that.</param>
internal sealed record MemberOptions(int Index, int[] Ports, int FrontPort, string Folder, TimeSpan ElectionTimeout, string Hocon);
