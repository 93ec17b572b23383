using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace Netabase.Interop.Node;

/// <summary>
/// <c>npm ci</c> in <c>js/</c>: once for each content of the lock file, and by one process at a time, for specs and benchmarks
/// may want it at the same moment.
/// </summary>
internal static class PackageInstall
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(string scripts)
    {
        var wanted = Fingerprint(scripts);
        var stamp = Path.Combine(scripts, "node_modules", ".netabase-installed");
        using var deadline = new CancellationTokenSource(Deadline);
        await using var only = await LockAsync(scripts, deadline.Token);
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp, deadline.Token) == wanted)
        {
            return;
        }

        await InstallAsync(scripts);
        await File.WriteAllTextAsync(stamp, wanted, deadline.Token);
    }

    private static async Task InstallAsync(string scripts)
    {
        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        try
        {
            var start = new ProcessStartInfo(npm, ["ci", "--loglevel=error"]) { WorkingDirectory = scripts };
            var result = await ChildProcess.RunAsync(start, Deadline);
            if (result.ExitCode != 0)
            {
                throw new NodeMissingException($"`npm ci` in specs/Netabase.Interop.Specs/js ended with {result.ExitCode}: {result.Errors}");
            }
        }
        catch (Win32Exception missing)
        {
            throw new NodeMissingException(
                $"js-libp2p comes from npm, which is not on the PATH ({missing.Message}): install Node.js 22 or newer, which brings npm.");
        }
        catch (TimeoutException late)
        {
            throw new NodeMissingException($"The packages of specs/Netabase.Interop.Specs/js could not be fetched: {late.Message}");
        }
    }

    private static string Fingerprint(string scripts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in (string[])["package.json", "package-lock.json"])
        {
            hash.AppendData(File.ReadAllBytes(Path.Combine(scripts, file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>An exclusive file beside the build output; the operating system frees it with its process.</summary>
    private static async Task<FileStream> LockAsync(string scripts, CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(scripts)!, "obj"));
        var path = Path.Combine(folder.FullName, "npm.lock");
        using var retry = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await retry.WaitForNextTickAsync(cancellation);
            }
        }
    }
}
