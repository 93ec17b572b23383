using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Netabase.Interop.Node;

/// <summary>Node.js 22 or newer and the pinned packages of <c>js/</c>, ready to run a script.</summary>
/// <param name="Executable">The program <c>node</c>.</param>
/// <param name="Scripts">The folder <c>js/</c> with its packages installed.</param>
public sealed record NodeRuntime(string Executable, string Scripts)
{
    private const int OldestMajor = 22;

    private static readonly Lazy<Task<NodeRuntime>> Shared = new(FindAsync);

    /// <summary>The runtime, found and installed once per process.</summary>
    /// <exception cref="NodeMissingException">There is no npm, or no Node.js that is new enough.</exception>
    public static Task<NodeRuntime> GetAsync() => Shared.Value;

    /// <summary>A start of one of our scripts with its output redirected.</summary>
    public ProcessStartInfo Run(string script, params IEnumerable<string> arguments) =>
        new(Executable, [Path.Combine(Scripts, script), .. arguments])
        {
            WorkingDirectory = Scripts,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };

    private static async Task<NodeRuntime> FindAsync()
    {
        var scripts = Path.Combine(RepositoryRoot(), "specs", "Netabase.Interop.Specs", "js");
        await PackageInstall.RunAsync(scripts);
        foreach (var candidate in Candidates(scripts))
        {
            if (await MajorVersionAsync(candidate) >= OldestMajor)
            {
                return new NodeRuntime(candidate, scripts);
            }
        }

        throw new NodeMissingException(
            $"js-libp2p needs Node.js {OldestMajor} or newer: install it so that `node` is on the PATH, or name it in NETABASE_NODE.");
    }

    private static IEnumerable<string> Candidates(string scripts)
    {
        if (Environment.GetEnvironmentVariable("NETABASE_NODE") is { Length: > 0 } named)
        {
            yield return named;
        }

        // The packages bring one for the platforms that they exist for, so that an older `node` on the PATH does no harm.
        var system = OperatingSystem.IsWindows() ? "win" : "linux";
        var machine = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        var file = OperatingSystem.IsWindows() ? "node.exe" : "node";
        yield return Path.Combine(scripts, "node_modules", $"node-{system}-{machine}", "bin", file);
        yield return file;
    }

    private static async Task<int> MajorVersionAsync(string executable)
    {
        try
        {
            var result = await ChildProcess.RunAsync(new ProcessStartInfo(executable, ["--version"]), TimeSpan.FromSeconds(20));
            var text = result.Output.Trim().TrimStart('v').Split('.')[0];
            return int.TryParse(text, out var major) ? major : 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return 0;
        }
    }

    internal static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Netabase.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Netabase.sln above {AppContext.BaseDirectory}.");
    }
}
