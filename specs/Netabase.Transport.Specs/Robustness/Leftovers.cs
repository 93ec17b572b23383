using System.Diagnostics;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Robustness;

/// <summary>Specs that count what the whole process holds run when nothing else does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone in the process";
}

/// <summary>What a process holds that must come back: pooled buffers, handles, threads.</summary>
/// <param name="Buffers">Blocks and buffers lent by the muxer's pool.</param>
/// <param name="Handles">Open files, sockets among them.</param>
/// <param name="Threads">Threads of the process beside those of the pool, which adds and retires its own as it sees fit.</param>
internal sealed record Leftovers(int Buffers, int Handles, int Threads)
{
    public static Leftovers Count()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return new Leftovers(BlockPool.Shared.Outstanding, process.HandleCount, process.Threads.Count - ThreadPool.ThreadCount);
    }

    /// <summary>
    /// Nothing lent is missing. The runtime keeps a few handles and threads of its own (a log file, timers), so
    /// those are allowed a margin that is far below one per connection.
    /// </summary>
    public void AssertAllReturned()
    {
        var now = Count();
        Assert.True(now.Buffers <= Buffers, $"{now.Buffers - Buffers} pooled buffers are still out.");
        Assert.True(now.Handles <= Handles + 8, $"Handles: {Handles} before, {now.Handles} after.");
        Assert.True(now.Threads <= Threads + 8, $"Threads: {Threads} before, {now.Threads} after.");
    }
}
