using System.Diagnostics;
using System.Globalization;
using Netabase.Dht.Benchmarks;
using Netabase.Dht.Benchmarks.Members;
using Netabase.Dht.Benchmarks.Rows;
using Netabase.Interop.Node;

var rows = new (string Name, Func<Table, Task> RunAsync)[]
{
    ("net", NetMeasure.RunAsync),
    ("pair", PairMeasure.RunAsync),
    ("local", LocalMeasure.RunAsync),
    ("node", NodeMeasure.RunAsync),
    ("mdns", MdnsMeasure.RunAsync),
};
switch (args)
{
    case ["serve", ..]:
        await MemberProgram.RunAsync(MemberArguments.Read(args[1..]));
        return 0;
    case ["all"]:
        return await MeasureAsync(rows);
    case [_, ..] when args.All(name => rows.Any(row => row.Name == name)):
        return await MeasureAsync(rows.Where(row => args.Contains(row.Name)));
    default:
        Console.Error.WriteLine($"Which one? all, or some of {string.Join(", ", rows.Select(row => row.Name))}");
        return 2;
}

static async Task<int> MeasureAsync(IEnumerable<(string Name, Func<Table, Task> RunAsync)> wanted)
{
    var table = new Table();
    var began = Stopwatch.GetTimestamp();
    foreach (var (name, runAsync) in wanted)
    {
        await Console.Error.WriteLineAsync(name);
        await runAsync(table);
    }

    var git = await ChildProcess.RunAsync(new ProcessStartInfo("git", ["describe", "--always", "--dirty"]), TimeSpan.FromSeconds(10));
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"Commit {git.Output.Trim()}, {Environment.ProcessorCount} processors, .NET {Environment.Version}, {Stopwatch.GetElapsedTime(began).TotalMinutes:0.0} min."));
    Console.WriteLine();
    Console.Write(table);
    return 0;
}
