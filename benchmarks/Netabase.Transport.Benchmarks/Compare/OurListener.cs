using System.Diagnostics;
using System.Globalization;
using System.Net;
using Netabase.Multiformats;

namespace Netabase.Transport.Benchmarks.Compare;

/// <summary>This program again, as the process that listens.</summary>
internal sealed class OurListener(Process process, Multiaddr address, IPEndPoint bare) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public Multiaddr Address => address;

    /// <summary>Where <see cref="BareTcp"/> answers in the same process.</summary>
    public IPEndPoint Bare => bare;

    public int ProcessId => process.Id;

    public static async Task<OurListener> StartAsync()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["serve"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("The listener did not start.");
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        var told = (line ?? throw new InvalidOperationException("The listener ended at once.")).Split(' ');
        return new OurListener(process, Multiaddr.Parse(told[0]), IPEndPoint.Parse(told[1]));
    }

    /// <summary>Its resident bytes after a collection.</summary>
    public async Task<long> ResidentAsync()
    {
        await process.StandardInput.WriteLineAsync("memory");
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        return long.Parse(line!, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Patience);
        process.Dispose();
    }
}
