using System.Diagnostics;

namespace Netabase.Processes.Specs;

/// <summary>Two network namespaces with a cable between them that can be pulled out.</summary>
internal sealed class TwoHalves : IDisposable
{
    private readonly string _tag = $"nb{Environment.ProcessId}";

    private TwoHalves()
    {
    }

    /// <summary>Null where this machine does not allow it.</summary>
    public static TwoHalves? TryCreate()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || !File.Exists("/usr/sbin/ip"))
        {
            return null;
        }

        var halves = new TwoHalves();
        string[] commands =
        [
            $"netns add {halves.Name(0)}", $"netns add {halves.Name(1)}",
            $"link add {halves._tag}a netns {halves.Name(0)} type veth peer name {halves._tag}b netns {halves.Name(1)}",
            $"-n {halves.Name(0)} addr add {Ip(0)}/24 dev {halves._tag}a", $"-n {halves.Name(1)} addr add {Ip(1)}/24 dev {halves._tag}b",
            $"-n {halves.Name(0)} link set lo up", $"-n {halves.Name(1)} link set lo up",
            $"-n {halves.Name(0)} link set {halves._tag}a up", $"-n {halves.Name(1)} link set {halves._tag}b up",
        ];
        if (commands.All(Ip))
        {
            return halves;
        }

        halves.Dispose();
        return null;
    }

    public void Cut() => Assert.True(Ip($"-n {Name(0)} link set {_tag}a down"));

    public void Heal() => Assert.True(Ip($"-n {Name(0)} link set {_tag}a up"));

    /// <summary>A node of one half.</summary>
    public Task<NodeProcess> StartAsync(int half, string folder, params string[] options) =>
        NodeProcess.StartInAsync(["/usr/sbin/ip", "netns", "exec", Name(half)], Ip(half), folder, [.. options, "--listen", $"/ip4/{Ip(half)}/tcp/0", "--no-mdns"]);

    public void Dispose()
    {
        Ip($"netns del {Name(0)}");
        Ip($"netns del {Name(1)}");
    }

    private static string Ip(int half) => $"10.213.77.{half + 1}";

    private string Name(int half) => $"{_tag}-{half}";

    private static bool Ip(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/sbin/ip", command.Split(' ')) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
