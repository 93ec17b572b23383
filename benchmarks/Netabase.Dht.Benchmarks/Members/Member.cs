using System.Diagnostics;
using System.Globalization;

namespace Netabase.Dht.Benchmarks.Members;

/// <summary>This program again, as a process of the net; it ends with us.</summary>
internal sealed class Member(Process process, string address) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>That of its first node.</summary>
    public string Address => address;

    public static async Task<Member> StartAsync(MemberArguments arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["serve", .. arguments.ToWords()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("The member did not start.");
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        return new Member(process, line ?? throw new InvalidOperationException("The member ended at once."));
    }

    public Task<string[]> PutAsync(int node, string key) => AskAsync($"put {node} {key}");

    public Task<string[]> GetAsync(int node, string key) => AskAsync($"get {node} {key}");

    public Task<string[]> PutsAsync(int node, int count) => AskAsync($"puts {node} {count}");

    /// <summary>Gets per second.</summary>
    public async Task<double> GetsAsync(int node, int keys, int count, int parallel) =>
        count / (Number((await AskAsync($"gets {node} {keys} {count} {parallel}"))[0]) / 1000);

    /// <summary>The fewest peers that one of its nodes knows after it has looked itself up.</summary>
    public async Task<int> BootstrapAsync() => (int)Number((await AskAsync("bootstrap"))[0]);

    public static double Number(string word) => double.Parse(word, CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    private async Task<string[]> AskAsync(string command)
    {
        await process.StandardInput.WriteLineAsync(command);
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        return (line ?? throw new InvalidOperationException($"The member ended over `{command}`.")).Split(' ');
    }
}
