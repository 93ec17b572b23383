using System.Globalization;
using Netabase.Dht.Benchmarks.Members;

namespace Netabase.Dht.Benchmarks.Rows;

/// <summary>A hundred nodes in four processes on loopback, one operation at a time: how long a put on 20 of them and a get from elsewhere take.</summary>
internal static class NetMeasure
{
    private const int Processes = 4;
    private const int NodesEach = 25;
    private const int Quorum = 20;
    private const int Puts = 400;
    private const int Gets = 3000;

    public static async Task RunAsync(Table table)
    {
        var folder = Directory.CreateTempSubdirectory("netabase-net-");
        var members = new List<Member>();
        try
        {
            for (var number = 0; number < Processes; number++)
            {
                members.Add(await Member.StartAsync(new MemberArguments(
                    Path.Combine(folder.FullName, number.ToString(CultureInfo.InvariantCulture)),
                    NodesEach,
                    Quorum,
                    NetworkMode.Server,
                    members.Count == 0 ? null : members[0].Address)));
            }

            await SettleAsync(members);
            var random = new Random(20);
            var puts = await PutsAsync(members, random);
            var (gets, local) = await GetsAsync(members, random);
            table.AtMost("get of a remote record, 100 nodes in 4 processes, p50", Samples.Median(gets), 20, "ms", $"{local} of {Gets} found here, not counted");
            table.AtMost("the same, p99", Samples.Quantile(gets, 0.99), 100, "ms");
            table.AtMost("put with a quorum of 20, same net, p50", Samples.Median(puts), 40, "ms");
            table.Beside("the same, p99", Samples.Quantile(puts, 0.99), "ms");
        }
        finally
        {
            foreach (var member in members)
            {
                await member.DisposeAsync();
            }

            folder.Delete(recursive: true);
        }
    }

    private static async Task SettleAsync(List<Member> members)
    {
        for (var round = 0; round < 3; round++)
        {
            foreach (var member in members)
            {
                await Console.Error.WriteLineAsync($"  a node knows {await member.BootstrapAsync()} others at least");
            }
        }
    }

    private static async Task<List<double>> PutsAsync(List<Member> members, Random random)
    {
        var times = new List<double>();
        for (var number = -Puts / 4; number < Puts; number++)
        {
            var answer = await members[random.Next(Processes)].PutAsync(random.Next(NodesEach), $"key{number}");
            if (number >= 0)
            {
                times.Add(Member.Number(answer[0]));
            }
        }

        return times;
    }

    private static async Task<(List<double> Times, int Local)> GetsAsync(List<Member> members, Random random)
    {
        var times = new List<double>();
        var local = 0;
        for (var number = -Gets / 10; number < Gets; number++)
        {
            var answer = await members[random.Next(Processes)].GetAsync(random.Next(NodesEach), $"key{random.Next(Puts)}");
            if (number < 0)
            {
                continue;
            }

            if (answer[1] == nameof(RecordSource.Network))
            {
                times.Add(Member.Number(answer[0]));
            }
            else
            {
                local++;
            }
        }

        return (times, local);
    }
}
