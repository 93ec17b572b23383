using System.Diagnostics;
using System.Text.Json;
using Netabase.Interop.Node;

namespace Netabase.Interop.Official;

/// <summary>What the suite said about one case.</summary>
/// <param name="Name">The title of its group and its own.</param>
/// <param name="State"><c>passed</c>, <c>failed</c> or <c>not run</c>.</param>
/// <param name="Detail">The error, or why it was not run.</param>
public sealed record SuiteResult(string Name, string State, string? Detail);

/// <summary>Runs <c>@libp2p/interop</c> once, with our daemon as the side that it calls "go", and keeps what it said.</summary>
public sealed class OfficialSuite
{
    /// <summary>Most of a case is waiting, so that a few run side by side.</summary>
    private const int Shards = 4;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(8);

    private readonly Lazy<Task<IReadOnlyDictionary<string, SuiteResult>>> _results = new(RunAsync);

    /// <summary>Every case by name.</summary>
    public Task<IReadOnlyDictionary<string, SuiteResult>> Results => _results.Value;

    private static async Task<IReadOnlyDictionary<string, SuiteResult>> RunAsync()
    {
        var node = await RequireNode.GetAsync();
        var file = OperatingSystem.IsWindows() ? "Netabase.Daemon.exe" : "Netabase.Daemon";
        var daemon = Path.Combine(AppContext.BaseDirectory, file);
        var shards = await Task.WhenAll(Enumerable.Range(1, Shards).Select(shard => RunShardAsync(node, daemon, shard)));
        return shards.SelectMany(results => results).ToDictionary(result => result.Name, StringComparer.Ordinal);
    }

    private static async Task<IReadOnlyList<SuiteResult>> RunShardAsync(NodeRuntime node, string daemon, int shard)
    {
        ProcessStartInfo start = node.Run("suite.js", "--daemon", daemon, "--shard", $"{shard}/{Shards}");
        var child = await ChildProcess.RunAsync(start, Deadline);
        var results = new List<SuiteResult>();
        foreach (var line in child.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith('{'))
            {
                continue;
            }

            using var said = JsonDocument.Parse(line);
            results.Add(new SuiteResult(
                said.RootElement.GetProperty("name").GetString()!,
                said.RootElement.GetProperty("state").GetString()!,
                Text(said, "error") ?? Text(said, "reason")));
        }

        if (child.ExitCode != 0 && results.TrueForAll(result => result.State != "failed"))
        {
            throw new InvalidOperationException($"The suite ended with {child.ExitCode}: {child.Errors}");
        }

        return results;
    }

    private static string? Text(JsonDocument said, string property) =>
        said.RootElement.TryGetProperty(property, out var value) ? value.GetString() : null;
}
