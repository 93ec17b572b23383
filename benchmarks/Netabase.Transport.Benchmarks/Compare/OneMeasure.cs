using System.Globalization;
using System.Net;
using Netabase.Multiformats;

namespace Netabase.Transport.Benchmarks.Compare;

/// <summary>One row of ours again and again, to look at with a profiler: no other process but the listener, and the line where it needs one.</summary>
internal static class OneMeasure
{
    private const int Bulk = 100 * 1024 * 1024;

    public static async Task RunAsync(string row, int times)
    {
        await using var listener = await OurListener.StartAsync();
        await using var dialer = OurPeer.Create(listens: false);
        await dialer.StartAsync();
        var measures = new OurMeasures(dialer);
        await Console.Error.WriteLineAsync($"dialer {Environment.ProcessId}, listener {listener.ProcessId}");
        for (var time = 0; time < times; time++)
        {
            Console.WriteLine(await OnceAsync(row, measures, dialer, listener));
        }
    }

    private static async Task<string> OnceAsync(string row, OurMeasures measures, Network.Swarm dialer, OurListener listener) => row switch
    {
        "dial" => Quantiles(await measures.DialAsync(listener.Address, 200)),
        "stream" => Quantiles(await measures.StreamsAsync(listener.Address, 2000)) + $", {measures.Allocated / 2000} B a stream",
        "echo" => Quantiles(await measures.EchoAsync(listener.Address, 5000)),
        "bare" => Quantiles(await BareTcp.EchoAsync(listener.Bare, 5000)),
        "request" => Text(await Requests.PerSecondAsync(dialer, listener.Address, 50_000)) + " requests/s",
        "bulk" => Text(100 / ((await measures.BulkAsync(listener.Address, Bulk))[0] / 1000)) + " MiB/s",
        "far" => await FarAsync(measures, listener),
        _ => throw new ArgumentException("dial, stream, echo, bare, request, bulk or far", nameof(row)),
    };

    private static async Task<string> FarAsync(OurMeasures measures, OurListener listener)
    {
        var roundTrip = TimeSpan.FromMilliseconds(60);
        double bare;
        await using (var line = await LongLine.StartAsync(listener.Bare, roundTrip, 5e9))
        {
            bare = await BareTcp.BulkAsync(line.Address, Bulk);
        }

        listener.Address.TryGetIpEndpoint(MultiaddrProtocol.Tcp, out var ip, out var port);
        await using var ours = await LongLine.StartAsync(new IPEndPoint(ip, port), roundTrip, 5e9);
        var through = Multiaddr.Tcp(ours.Address.Address, ours.Address.Port).WithPeer(listener.Address.Peer!.Value);
        var took = (await measures.BulkAsync(through, Bulk))[0];
        return $"{Text(Bulk * 8.0 / 1e6 / took)} Gbit/s, bare TCP {Text(Bulk * 8.0 / 1e6 / bare)} Gbit/s";
    }

    private static string Quantiles(double[] times) =>
        string.Create(CultureInfo.InvariantCulture, $"p50 {Samples.Quantile(times, 0.5):0.000} ms, p99 {Samples.Quantile(times, 0.99):0.000} ms");

    private static string Text(double figure) => figure.ToString("0.00", CultureInfo.InvariantCulture);
}
