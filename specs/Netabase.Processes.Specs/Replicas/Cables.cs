using System.Diagnostics;

namespace Netabase.Processes.Specs.Replicas;

/// <summary>
/// A network namespace for each node, and a switch between them. What one node sends to another is cut by a neighbour's address
/// that nobody has: the frames leave and arrive nowhere, in that direction alone, as on a line that has broken.
/// </summary>
internal sealed class Cables : IDisposable
{
    private const string Nobody = "02:00:00:00:de:ad";
    private static int _made;

    private readonly string _tag = $"nb{Environment.ProcessId % 100_000}{(char)('a' + (Interlocked.Increment(ref _made) % 26))}";
    private readonly int _net;
    private readonly int _count;

    private Cables(int count) => (_count, _net) = (count, 100 + _made);

    /// <summary>Null where this machine does not allow it.</summary>
    public static Cables? TryCreate(int count)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || !File.Exists("/usr/sbin/ip"))
        {
            return null;
        }

        var cables = new Cables(count);
        if (cables.Lay())
        {
            return cables;
        }

        cables.Dispose();
        return null;
    }

    /// <summary>Where a node is.</summary>
    public string Ip(int node) => $"10.213.{_net}.{node + 1}";

    /// <summary>What runs a command in its namespace.</summary>
    public string[] Within(int node) => ["/usr/sbin/ip", "netns", "exec", Name(node)];

    /// <summary>From now on nothing that one sends arrives at the other.</summary>
    public void CutOneWay(int from, int to) => Assert.True(Run($"-n {Name(from)} neigh replace {Ip(to)} lladdr {Nobody} dev {Line(from)} nud permanent"));

    public void Cut(int one, int other)
    {
        CutOneWay(one, other);
        CutOneWay(other, one);
    }

    /// <summary>Cuts a node off from all others.</summary>
    public void CutOff(int node)
    {
        foreach (var other in Enumerable.Range(0, _count).Where(other => other != node))
        {
            Cut(node, other);
        }
    }

    public void HealAll()
    {
        for (var from = 0; from < _count; from++)
        {
            for (var to = 0; to < _count; to++)
            {
                // One that was not cut has no such entry, or a true one that is learned again.
                Run($"-n {Name(from)} neigh del {Ip(to)} dev {Line(from)}");
            }
        }
    }

    public void Dispose()
    {
        for (var node = 0; node < _count; node++)
        {
            Run($"netns del {Name(node)}");
        }

        Run($"netns del {_tag}s");
    }

    private bool Lay() =>
        Run($"netns add {_tag}s") && Run($"-n {_tag}s link add {_tag}s type bridge") && Run($"-n {_tag}s link set {_tag}s up")
        && Enumerable.Range(0, _count).All(node =>
            Run($"netns add {Name(node)}")
            && Run($"link add {Line(node)} netns {Name(node)} type veth peer name {Line(node)} netns {_tag}s")
            && Run($"-n {_tag}s link set {Line(node)} master {_tag}s up")
            && Run($"-n {Name(node)} addr add {Ip(node)}/24 dev {Line(node)}")
            && Run($"-n {Name(node)} link set lo up")
            && Run($"-n {Name(node)} link set {Line(node)} up"));

    private string Name(int node) => $"{_tag}-{node}";

    private string Line(int node) => $"{_tag}{node}";

    private static bool Run(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/sbin/ip", command.Split(' ')) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
