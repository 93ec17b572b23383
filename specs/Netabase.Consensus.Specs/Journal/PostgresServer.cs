using System.Diagnostics;

namespace Netabase.Consensus.Specs.Journal;

/// <summary>A PostgreSQL server of its own in a temporary folder, reached by a socket there, where the machine has one installed.</summary>
public sealed class PostgresServer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder;
    private readonly string? _bin;

    public PostgresServer()
    {
        _bin = FindBin();
        _folder = Path.Combine(Path.GetTempPath(), $"nb-pg-{Guid.NewGuid():N}"[..14]);
        Missing = Start();
    }

    /// <summary>What this machine lacks, or null when the server runs.</summary>
    public string? Missing { get; }

    public string ConnectionString => $"Host={_folder};Username=netabase;Database=postgres";

    public void Dispose()
    {
        if (Missing is null)
        {
            Run("pg_ctl", "-D", Path.Combine(_folder, "data"), "-m", "immediate", "stop");
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static string? FindBin()
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => Path.Combine(version, "bin"))
            : [];
        return debian.Concat((Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")));
    }

    private static bool IsRoot => Environment.UserName == "root";

    private string? Start()
    {
        if (_bin is null || OperatingSystem.IsWindows())
        {
            return "no PostgreSQL server is installed (Debian: postgresql)";
        }

        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (IsRoot && Exec("chown", "postgres", _folder) is { } chown)
        {
            return $"the server does not run as root, and there is no user postgres: {chown}";
        }

        var data = Path.Combine(_folder, "data");
        return Run("initdb", "-D", data, "-A", "trust", "-U", "netabase")
            ?? Run("pg_ctl", "-D", data, "-l", Path.Combine(_folder, "log"), "-w", "-t", "30", "-o", $"-k {_folder} -c listen_addresses=''", "start");
    }

    /// <summary>Null when it went well, else what it said.</summary>
    private string? Run(string program, params string[] arguments)
    {
        var path = Path.Combine(_bin!, program);
        return IsRoot ? Exec("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments]) : Exec(path, arguments);
    }

    private static string? Exec(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
        try
        {
            using var process = Process.Start(start)!;

            // The server that pg_ctl leaves behind keeps the pipes: the end of the program is waited for, not theirs.
            var said = process.StandardError.ReadToEndAsync();
            _ = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                return $"{program} did not end";
            }

            return process.ExitCode == 0 ? null : $"{program}: exit {process.ExitCode} {(said.Wait(1000) ? said.Result.Trim() : string.Empty)}";
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"{program}: {missing.Message}";
        }
    }
}
