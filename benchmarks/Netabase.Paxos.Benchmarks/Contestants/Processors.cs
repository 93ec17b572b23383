using System.Diagnostics;

namespace Netabase.Paxos.Benchmarks.Contestants;

/// <summary>What processes have cost, which a busy machine changes less than how long they took.</summary>
internal static class Processors
{
    public static TimeSpan Sum(IEnumerable<Process?> processes)
    {
        var sum = TimeSpan.Zero;
        foreach (var process in processes)
        {
            process?.Refresh();
            sum += process is { HasExited: false } ? process.TotalProcessorTime : TimeSpan.Zero;
        }

        return sum;
    }
}
