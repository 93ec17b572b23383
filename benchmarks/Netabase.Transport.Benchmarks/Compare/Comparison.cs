using System.Diagnostics;
using System.Net;
using Netabase.Interop.Node;
using Netabase.Multiformats;

namespace Netabase.Transport.Benchmarks.Compare;

/// <summary>
/// Our node against our node and js-libp2p against js-libp2p, on loopback, each side in a process of its own, interleaved round
/// by round in one run: whatever else the machine does meets both.
/// </summary>
internal sealed class Comparison(int rounds)
{
    private const int Mebibyte = 1024 * 1024;
    private const int Bulk = 100 * Mebibyte;
    private const int IdleConnections = 1000;

    /// <summary>
    /// What both sides do before they are timed. Each round starts its processes anew, and what the first second or two measures is
    /// their compilers at work on the same two cores; a bare socket has nothing to compile.
    /// </summary>
    private const int WarmDials = 200;
    private const int WarmStreams = 4_000;
    private const int WarmEchoes = 20_000;
    private const double LineSpeed = 5e9;
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(60);

    private readonly Row _dial = new("dial + Noise + Yamux + Identify, p50, ms", "0.00");
    private readonly Row _trips = new("round trips to the first answer byte, through 60 ms", "0.00");
    private readonly Row _stream = new("new stream + 32 B ping, p50, ms", "0.000");
    private readonly Row _echoMedian = new("32 B echo on an open stream, p50, ms", "0.000");
    private readonly Row _echoTail = new("32 B echo on an open stream, p99, ms", "0.000");
    private readonly Row _bareMedian = new("the same over a bare TCP socket, p50, ms (the floor)", "0.000");
    private readonly Row _bareTail = new("the same over a bare TCP socket, p99, ms (the floor)", "0.000");
    private readonly Row _requests = new("requests of 32 B answered, 64 in flight on one connection, /s", "0");
    private readonly Row _bulk = new("one 100 MiB stream, MiB/s", "0");
    private readonly Row _far = new("100 MiB through 60 ms at 5 Gbit/s, Gbit/s", "0.00");
    private readonly Row _bareFar = new("the same over a bare TCP connection, Gbit/s (the ceiling)", "0.00");
    private readonly Row _memory = new("resident memory per idle connection at 1,000, KiB (listener)", "0.0");
    private readonly Row _perStream = new("allocated per stream opened, bytes (dialer)", "0");
    private readonly Row _perMebibyte = new("allocated per MiB sent, bytes (dialer)", "0");

    /// <summary>Runs every row so often and prints the table.</summary>
    public async Task RunAsync()
    {
        var node = await NodeRuntime.GetAsync();
        for (var round = 1; round <= rounds; round++)
        {
            await Console.Error.WriteLineAsync($"round {round} of {rounds}");
            await OurRoundAsync();
            await JsRoundAsync(node);
        }

        await MemoryAsync(node);
        Console.WriteLine($"Commit {await CommitAsync()}, {rounds} rounds, {Environment.ProcessorCount} processors, .NET {Environment.Version}.");
        Console.WriteLine("Median of the rounds (least - most).");
        Console.WriteLine();
        Console.WriteLine("| measure | Netabase | js-libp2p |");
        Console.WriteLine("|---|---|---|");
        foreach (var row in (Row[])[_dial, _trips, _stream, _echoMedian, _bareMedian, _echoTail, _bareTail, _requests, _bulk, _far, _bareFar, _memory, _perStream, _perMebibyte])
        {
            Console.WriteLine(row);
        }
    }

    private async Task OurRoundAsync()
    {
        await using var listener = await OurListener.StartAsync();
        await using var dialer = OurPeer.Create(listens: false);
        await dialer.StartAsync();
        var measures = new OurMeasures(dialer);
        await measures.DialAsync(listener.Address, WarmDials);
        _dial.Ours(Samples.Quantile(await measures.DialAsync(listener.Address, 100), 0.5));

        await measures.StreamsAsync(listener.Address, WarmStreams);
        _stream.Ours(Samples.Quantile(await measures.StreamsAsync(listener.Address, 2000), 0.5));
        _perStream.Ours(measures.Allocated / 2000.0);

        await measures.EchoAsync(listener.Address, WarmEchoes);
        var echo = await measures.EchoAsync(listener.Address, 5000);
        _echoMedian.Ours(Samples.Quantile(echo, 0.5));
        _echoTail.Ours(Samples.Quantile(echo, 0.99));

        await BareTcp.EchoAsync(listener.Bare, WarmEchoes);
        var bare = await BareTcp.EchoAsync(listener.Bare, 5000);
        _bareMedian.Ours(Samples.Quantile(bare, 0.5));
        _bareTail.Ours(Samples.Quantile(bare, 0.99));

        await Requests.PerSecondAsync(dialer, listener.Address, 20_000);
        _requests.Ours(await Requests.PerSecondAsync(dialer, listener.Address, 50_000));
        await dialer.DisconnectAsync(listener.Address.Peer!.Value);

        await measures.BulkAsync(listener.Address, Bulk);
        _bulk.Ours(MebibytesPerSecond((await measures.BulkAsync(listener.Address, Bulk))[0]));
        _perMebibyte.Ours(measures.Allocated / (double)(Bulk / Mebibyte));

        await using (var line = await LongLine.StartAsync(listener.Bare, RoundTrip, LineSpeed))
        {
            // The line is a process of its own and begins cold as well: the first transfer is its warm-up, whoever sends.
            await BareTcp.BulkAsync(line.Address, Bulk);
            _bareFar.Ours(GigabitsPerSecond(await BareTcp.BulkAsync(line.Address, Bulk)));
        }

        await using var proxy = await ProxyAsync(listener.Address);
        var far = Through(proxy, listener.Address);
        _trips.Ours(Samples.Quantile(await measures.FirstAnswerAsync(far, 5), 0.5) / RoundTrip.TotalMilliseconds);
        await measures.BulkAsync(far, Bulk);
        _far.Ours(GigabitsPerSecond((await measures.BulkAsync(far, Bulk))[0]));
    }

    private async Task JsRoundAsync(NodeRuntime node)
    {
        await using var listener = await JsPeer.StartAsync(node, JsPeerOptions.Default);
        await using var dialer = await JsPeer.StartAsync(node, new JsPeerOptions([], ["noise"]));
        var address = Multiaddr.Parse(listener.Addresses[0]);
        await TimesAsync(dialer, "measureDial", address, WarmDials);
        _dial.Js(Samples.Quantile(await TimesAsync(dialer, "measureDial", address, 100), 0.5));

        await TimesAsync(dialer, "measureStreams", address, WarmStreams);
        _stream.Js(Samples.Quantile(await TimesAsync(dialer, "measureStreams", address, 2000), 0.5));

        await TimesAsync(dialer, "measureEcho", address, WarmEchoes);
        var echo = await TimesAsync(dialer, "measureEcho", address, 5000);
        _echoMedian.Js(Samples.Quantile(echo, 0.5));
        _echoTail.Js(Samples.Quantile(echo, 0.99));

        await TimesAsync(dialer, "measureRequests", address, 2000);
        _requests.Js(5000 / ((await TimesAsync(dialer, "measureRequests", address, 5000))[0] / 1000));

        await TimesAsync(dialer, "measureBulk", address, 0);
        _bulk.Js(MebibytesPerSecond((await TimesAsync(dialer, "measureBulk", address, 0))[0]));

        await using var proxy = await ProxyAsync(address);
        var far = Through(proxy, address);
        _trips.Js(Samples.Quantile(await TimesAsync(dialer, "measureFirstAnswer", far, 5), 0.5) / RoundTrip.TotalMilliseconds);
        await TimesAsync(dialer, "measureBulk", far, 0);
        _far.Js(GigabitsPerSecond((await TimesAsync(dialer, "measureBulk", far, 0))[0]));
    }

    /// <summary>What a listener's process grows by when a thousand peers of ours sit on it, whoever listens.</summary>
    private async Task MemoryAsync(NodeRuntime node)
    {
        await using (var ours = await OurListener.StartAsync())
        {
            _memory.Ours(await GrowthAsync(ours.Address, ours.ResidentAsync));
        }

        await using var js = await JsPeer.StartAsync(node, JsPeerOptions.Default);
        _memory.Js(await GrowthAsync(
            Multiaddr.Parse(js.Addresses[0]), async () => (long)(await js.CallAsync("memory"))["resident"]!));
    }

    private static async Task<double> GrowthAsync(Multiaddr address, Func<Task<long>> residentAsync)
    {
        // The first few load code; they stay connected and count for nothing.
        var peers = await OurMeasures.ConnectManyAsync(address, 50);
        try
        {
            var before = await residentAsync();
            peers.AddRange(await OurMeasures.ConnectManyAsync(address, IdleConnections));
            return (await residentAsync() - before) / 1024.0 / IdleConnections;
        }
        finally
        {
            foreach (var peer in peers)
            {
                await peer.DisposeAsync();
            }
        }
    }

    private static async Task<double[]> TimesAsync(JsPeer dialer, string measure, Multiaddr address, int count)
    {
        var answer = await dialer.CallAsync(measure, ("address", address.ToString()), ("count", count), ("bytes", Bulk));
        return [.. answer["times"]!.AsArray().Select(time => (double)time!)];
    }

    private static Task<LongLine> ProxyAsync(Multiaddr target)
    {
        target.TryGetIpEndpoint(MultiaddrProtocol.Tcp, out var ip, out var port);
        return LongLine.StartAsync(new IPEndPoint(ip, port), RoundTrip, LineSpeed);
    }

    private static Multiaddr Through(LongLine proxy, Multiaddr target) =>
        Multiaddr.Tcp(proxy.Address.Address, proxy.Address.Port).WithPeer(target.Peer!.Value);

    private static double MebibytesPerSecond(double milliseconds) => Bulk / (double)Mebibyte / (milliseconds / 1000);

    private static double GigabitsPerSecond(double milliseconds) => Bulk * 8.0 / 1e9 / (milliseconds / 1000);

    private static async Task<string> CommitAsync()
    {
        var git = await ChildProcess.RunAsync(new ProcessStartInfo("git", ["describe", "--always", "--dirty"]), TimeSpan.FromSeconds(10));
        return git.Output.Trim();
    }
}
