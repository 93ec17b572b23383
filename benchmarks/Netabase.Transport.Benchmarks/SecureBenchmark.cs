using System.Diagnostics;
using System.Globalization;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Multistream;
using Netabase.Transport.Noise;
using Netabase.Transport.Tcp;
using Netabase.Transport.Tls;
using Netabase.Transport.Upgrade;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Benchmarks;

/// <summary>What security costs: Noise frames in memory, and dial with upgrade over loopback TCP, both ends in one process.</summary>
internal static class SecureBenchmark
{
    private const int Dials = 400;
    private const int Streams = 5000;
    private static readonly ProtocolId Echo = new("/echo/1.0.0");

    internal static async Task RunAsync()
    {
        foreach (ICryptography cryptography in new ICryptography[] { NativeCryptography.Instance, ManagedCryptography.Instance })
        {
            foreach (var size in new[] { 64, 1024, 16 * 1024, 64 * 1024 - 17 }) MeasureCodec(cryptography, size);
        }

        using var left = PrivateKey.Generate();
        using var right = PrivateKey.Generate();
        await MeasureDialsAsync("noise", new NoiseSecurity(left), new NoiseSecurity(right));
        await MeasureDialsAsync("tls", new TlsSecurity(left), new TlsSecurity(right));
    }

    private static void MeasureCodec(ICryptography cryptography, int size)
    {
        byte[] key = new byte[32], frame = new byte[size + 18];
        using var codec = new NoiseCodec(new NoiseCipherState(cryptography, key), new NoiseCipherState(cryptography, key));
        var count = Math.Max(200, 32 * 1024 * 1024 / size / (cryptography is ManagedCryptography ? 8 : 1));
        double seal = double.MaxValue, open = double.MaxValue;
        for (var run = 0; run < 4; run++)
        {
            var frames = Enumerable.Range(0, Math.Min(count, 256)).Select(_ => new byte[size + 18]).ToArray();
            double sealing = 0, opening = 0;
            for (var done = 0; done < count; done += frames.Length)
            {
                var start = Stopwatch.GetTimestamp();
                foreach (var each in frames) codec.Seal(each, size);
                sealing += Stopwatch.GetElapsedTime(start).TotalNanoseconds;
                start = Stopwatch.GetTimestamp();
                foreach (var each in frames)
                {
                    if (!codec.TryOpen(each, out _, out _)) throw new InvalidOperationException();
                }

                opening += Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            }

            var total = (count + frames.Length - 1) / frames.Length * frames.Length;
            seal = Math.Min(seal, sealing / total);
            open = Math.Min(open, opening / total);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"noise {cryptography.Name,-8} {size,6} B: seal {seal,8:0} ns {size / seal / 1.073741824:0.00} GiB/s, open {open,8:0} ns {size / open / 1.073741824:0.00} GiB/s"));
    }

    private static async Task MeasureDialsAsync(string name, ISecurityProtocol ours, ISecurityProtocol theirs)
    {
        var dialing = new UpgradedTransport(new TcpTransport(), new Upgrader([ours], [new YamuxMuxer()]));
        var listening = new UpgradedTransport(new TcpTransport(), new Upgrader([theirs], [new YamuxMuxer()]));
        await using var listener = await listening.ListenAsync(Multiaddr.Parse("/ip4/127.0.0.1/tcp/0"), default);
        var times = new List<double>();
        for (var dial = 0; dial < Dials; dial++)
        {
            var accepting = AcceptAsync(listener);
            var start = Stopwatch.GetTimestamp();
            var dialed = await dialing.DialAsync(listener.Address, null, default);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            var accepted = await accepting;
            if (dial == Dials - 1) await MeasureStreamsAsync(name, dialed.Muxed, accepted.Muxed);
            await dialed.Muxed.DisposeAsync();
            await accepted.Muxed.DisposeAsync();
        }

        Tell($"{name}: dial and upgrade", times.Skip(Dials / 4).Order().ToArray(), "ms");
    }

    private static async Task<UpgradedConnection> AcceptAsync(IConnectionListener listener) =>
        await (await listener.AcceptAsync(default))!.UpgradeAsync(default);

    private static async Task MeasureStreamsAsync(string name, IMuxedConnection dialer, IMuxedConnection listener)
    {
        var table = new ProtocolTable([Echo]);
        var serving = Task.Run(async () =>
        {
            var buffer = new byte[32];
            for (var served = 0; served < Streams; served++)
            {
                await using var stream = await StreamSelection.AcceptAsync((await listener.AcceptAsync(default))!, table, default);
                await stream.WriteAsync(buffer.AsMemory(0, await stream.ReadAsync(buffer, default)), default);
            }
        });
        var times = new List<double>();
        var request = new byte[32];
        long before = 0;
        for (var opened = 0; opened < Streams; opened++)
        {
            if (opened == Streams / 5) before = GC.GetTotalAllocatedBytes(precise: true);
            var start = Stopwatch.GetTimestamp();
            await using var stream = StreamSelection.Propose(await dialer.OpenAsync(default), Echo);
            await stream.WriteAsync(request, default);
            await stream.ReadAsync(request, default);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        await serving;
        var each = (GC.GetTotalAllocatedBytes(precise: true) - before) / (Streams * 4 / 5);
        Tell($"{name}: new stream, negotiated, 32 B echoed", times.Skip(Streams / 5).Order().ToArray(), "us");
        Console.WriteLine($"{name}: {each} bytes allocated per stream, both ends together");
    }

    private static void Tell(string what, double[] sorted, string unit) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what}: p50 {sorted[sorted.Length / 2]:0.00} {unit}, p99 {sorted[sorted.Length * 99 / 100]:0.00} {unit}"));
}
