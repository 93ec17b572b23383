namespace Netabase.Paxos.Benchmarks.Client;

/// <summary>Three members on loopback, all writes durable on a majority before they are answered.</summary>
internal interface IContestant : IAsyncDisposable
{
    string Name { get; }

    /// <summary>What was acknowledged is where, when.</summary>
    string Durability { get; }

    /// <summary>What its members' processors have done since they started, together.</summary>
    TimeSpan ProcessorTime { get; }

    /// <summary>Starts the members; returns when one of them leads.</summary>
    Task StartAsync(TimeSpan electionTimeout);

    /// <summary>A durable write through the leader.</summary>
    ValueTask WriteAsync(int client, byte[] key, byte[] value);

    /// <summary>A linearizable read through the leader.</summary>
    ValueTask ReadAsync(int client, byte[] key);

    /// <summary>Kills the leader's process (SIGKILL).</summary>
    Task KillLeaderAsync();

    /// <summary>Tries a write at every member until one acknowledges it.</summary>
    Task WriteAnywhereAsync(byte[] key, byte[] value, CancellationToken cancellation);
}
