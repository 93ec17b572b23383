using System.Globalization;
using Netabase.Paxos.Benchmarks;
using Netabase.Paxos.Benchmarks.Members;

// table [SECONDS]                  everything below, as the finished Markdown table; its parts:
// compare [SECONDS [CONTESTANT...]]   netabase, etcd (Debian: apt install etcd-server) and dotnext under the same load
// floor                            what no consensus on this machine can be quicker than
// local                            a durable put without consensus
// catch-up [ENTRIES [snapshot]]    a member that was away for so many writes
// member KIND INDEX PORTS FRONT-PORT FOLDER ELECTION-MS HOCON   one member, started by the others
switch (args)
{
    case ["member", var kind, var index, var ports, var frontPort, var folder, var election, var hocon]:
        await MemberProgram.RunAsync(kind, new MemberOptions(
            Number(index), [.. ports.Split(',').Select(Number)], Number(frontPort), folder, TimeSpan.FromMilliseconds(Number(election)), hocon)).ConfigureAwait(false);
        break;
    case ["floor"]:
        await Runs.InFolderAsync(Floor.RunAsync).ConfigureAwait(false);
        break;
    case ["local"]:
        await Runs.InFolderAsync(LocalPut.RunAsync).ConfigureAwait(false);
        break;
    case ["catch-up", .. var rest]:
        await Runs.InFolderAsync(folder => CatchingUp.RunAsync(folder, rest.Length > 0 ? Number(rest[0]) : 1_000_000, rest is [_, "snapshot"])).ConfigureAwait(false);
        break;
    case ["compare", .. var rest]:
        var seconds = rest.Length > 0 ? Number(rest[0]) : 5;
        foreach (var name in rest.Length > 1 ? rest[1..] : Runs.Contestants)
        {
            await Runs.CompareAsync(name, seconds).ConfigureAwait(false);
        }

        break;
    case ["table", .. var rest]:
        Console.WriteLine(await Runs.TableAsync(rest.Length > 0 ? Number(rest[0]) : 10).ConfigureAwait(false));
        break;
    default:
        throw new ArgumentException("table, compare, floor, local or catch-up");
}

static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
