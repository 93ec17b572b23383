using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Netabase.Transport.Benchmarks.Compare;

/// <summary>This program again, as the process that delays: neither end's own processor time is spent on the line.</summary>
internal sealed class LongLine(Process process, IPEndPoint address) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public IPEndPoint Address => address;

    public static async Task<LongLine> StartAsync(IPEndPoint target, TimeSpan roundTrip, double bitsPerSecond)
    {
        string[] arguments =
        [
            "delay", target.ToString(), roundTrip.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
            bitsPerSecond.ToString(CultureInfo.InvariantCulture),
        ];
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException("The line did not start.");
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        return new LongLine(process, IPEndPoint.Parse(line ?? throw new InvalidOperationException("The line ended at once.")));
    }

    /// <summary>The other side of <see cref="StartAsync"/>: delays until its input ends.</summary>
    public static async Task ServeAsync(string target, string milliseconds, string bitsPerSecond)
    {
        await using var proxy = new DelayProxy(
            IPEndPoint.Parse(target),
            TimeSpan.FromMilliseconds(double.Parse(milliseconds, CultureInfo.InvariantCulture)),
            double.Parse(bitsPerSecond, CultureInfo.InvariantCulture));
        Console.WriteLine(proxy.Address);
        await Console.In.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Patience);
        process.Dispose();
    }
}
