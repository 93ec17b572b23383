using System.Globalization;
using Netabase.Paxos.Benchmarks;
using Netabase.Paxos.Benchmarks.Client;
using Netabase.Paxos.Benchmarks.Contestants;
using Netabase.Paxos.Benchmarks.Members;

// member KIND INDEX PORTS FRONT-PORT FOLDER ELECTION-MS   one member, started by the comparison
// compare [SECONDS [CONTESTANT...]]                         floor, etcd (Debian: etcd-server), dotnext
if (args is ["member", var kind, var index, var ports, var frontPort, var folder, var election])
{
    var options = new MemberOptions(
        int.Parse(index, CultureInfo.InvariantCulture),
        [.. ports.Split(',').Select(port => int.Parse(port, CultureInfo.InvariantCulture))],
        int.Parse(frontPort, CultureInfo.InvariantCulture),
        folder,
        TimeSpan.FromMilliseconds(int.Parse(election, CultureInfo.InvariantCulture)));
    IMember member = kind switch
    {
        "dotnext" => await DotNextMember.StartAsync(options).ConfigureAwait(false),
        _ => throw new ArgumentException($"{kind} is no member: dotnext is"),
    };
    await FrontServer.RunAsync(options.FrontPort, member).ConfigureAwait(false);
    return;
}

var seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5;
string[] chosen = args.Length > 2 ? args[2..] : ["floor", "etcd", "dotnext"];
var comparison = new ComparisonOptions([1, 64, 1000], TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(Math.Min(seconds, 3)), TimeSpan.FromSeconds(1));
foreach (var name in chosen)
{
    var root = Directory.CreateTempSubdirectory("netabase-paxos-");
    try
    {
        if (name == "floor")
        {
            await Floor.RunAsync(root.FullName).ConfigureAwait(false);
            continue;
        }

        IContestant contestant = name switch
        {
            "etcd" => new EtcdCluster(root.FullName, 23_790),
            "dotnext" => new ProcessCluster("dotnext", "DotNext.Net.Cluster 6.12", "log flushed before append and commit return (its only mode)", root.FullName, 23_890),
            _ => throw new ArgumentException($"{name} is no contestant: floor, etcd and dotnext are"),
        };
        await Comparison.RunAsync(contestant, comparison).ConfigureAwait(false);
    }
    finally
    {
        root.Delete(recursive: true);
    }
}
