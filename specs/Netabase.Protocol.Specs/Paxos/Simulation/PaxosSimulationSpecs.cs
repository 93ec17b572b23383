using System.Globalization;
using Xunit.Abstractions;

namespace Netabase.Protocol.Specs.Paxos.Simulation;

/// <summary>
/// The real cores under a seed. NETABASE_SEED replays one run, NETABASE_TRACE=n shows its last n lines, NETABASE_SEEDS=first+count runs
/// others; NETABASE_LONG=1 runs 100,000.
/// </summary>
public sealed class PaxosSimulationSpecs(ITestOutputHelper output)
{
    private static bool IsLong => Environment.GetEnvironmentVariable("NETABASE_LONG") == "1";

    [Fact]
    public void Whatever_goes_wrong_no_law_is_broken_and_a_group_that_is_put_right_serves_again()
    {
        var only = Environment.GetEnvironmentVariable("NETABASE_SEED");
        var (first, count) = Seeds(only);
        var events = 0L;
        for (var seed = first; seed < first + count; seed++)
        {
            var broken = SimulatedRun.Of(seed, out var world);
            events += world.Events;
            if (broken is not null || only is not null)
            {
                output.WriteLine($"NETABASE_SEED={seed}: {world.Trouble}");
                foreach (var line in world.Trace)
                {
                    output.WriteLine(line);
                }
            }

            Assert.True(broken is null, $"NETABASE_SEED={seed}: {broken}");
        }

        output.WriteLine($"{count} seeds, {events} events");
    }

    private static (ulong First, ulong Count) Seeds(string? only)
    {
        if (only is not null)
        {
            return (ulong.Parse(only, CultureInfo.InvariantCulture), 1);
        }

        return Environment.GetEnvironmentVariable("NETABASE_SEEDS")?.Split('+') is [var first, var count]
            ? (ulong.Parse(first, CultureInfo.InvariantCulture), ulong.Parse(count, CultureInfo.InvariantCulture))
            : (1, IsLong ? 100_000ul : 1_000ul);
    }
}
