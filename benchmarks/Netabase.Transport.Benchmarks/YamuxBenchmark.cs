using System.Diagnostics;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Memory;
using Netabase.Transport.Tcp;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Benchmarks;

/// <summary>What the muxer alone costs: no security, one process, over memory and over loopback TCP.</summary>
internal static class YamuxBenchmark
{
    private const int MiB = 1024 * 1024;
    private const int BulkBytes = 100 * MiB;
    private const int Runs = 5;
    private static readonly PublicKey Key = PrivateKey.Generate().PublicKey;

    internal static async Task RunAsync()
    {
        await MeasureAsync("memory", () => Task.FromResult<(IRawConnection, IRawConnection)>(MemoryConnection.CreatePair()));
        await MeasureAsync("tcp", ConnectTcpAsync);
    }

    private static async Task MeasureAsync(string name, Func<Task<(IRawConnection Dialer, IRawConnection Listener)>> connect)
    {
        var (rawDialer, rawListener) = await connect();
        var muxer = new YamuxMuxer();
        await using var dialer = muxer.Start(Secured(rawDialer), ConnectionRole.Dialer);
        await using var listener = muxer.Start(Secured(rawListener), ConnectionRole.Listener);

        var chunk = new byte[64 * 1024];
        var buffer = new byte[128 * 1024];
        var best = double.MaxValue;
        long allocated = 0;
        for (var run = 0; run <= Runs; run++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var watch = Stopwatch.StartNew();
            await BulkAsync(dialer, listener, chunk, buffer, BulkBytes);
            var took = watch.Elapsed.TotalSeconds;
            if (run == 0)
                continue;
            allocated += GC.GetTotalAllocatedBytes(precise: true) - before;
            best = Math.Min(best, took);
        }

        Console.WriteLine($"{name}: one stream of 100 MiB {100 / best:F0} MiB/s, {allocated / 100.0 / Runs:F0} B allocated per MiB");
        await StreamsAsync(name, dialer, listener);
        await EchoAsync(name, dialer, listener);
    }

    private static async Task BulkAsync(IMuxedConnection dialer, IMuxedConnection listener, byte[] chunk, byte[] buffer, long bytes)
    {
        var writer = Task.Run(async () =>
        {
            await using var stream = await dialer.OpenAsync(default);
            for (long sent = 0; sent < bytes; sent += chunk.Length)
                await stream.WriteAsync(chunk, default);
            await stream.CloseWriteAsync(default);
            await stream.ReadAsync(chunk, default);
        });
        await using var incoming = await listener.AcceptAsync(default) ?? throw new InvalidOperationException("no stream");
        long received = 0;
        while (await incoming.ReadAsync(buffer, default) is var count and > 0)
            received += count;
        await incoming.CloseWriteAsync(default);
        await writer;
        if (received != bytes)
            throw new InvalidOperationException($"{received} of {bytes} bytes arrived");
    }

    private static async Task StreamsAsync(string name, IMuxedConnection dialer, IMuxedConnection listener)
    {
        const int Warm = 5_000;
        const int Count = 20_000;
        using var stop = new CancellationTokenSource();
        var serving = ServeAsync(listener, stop.Token);
        await OpenManyAsync(dialer, Warm, 1);
        foreach (var parallel in new[] { 1, 16 })
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var watch = Stopwatch.StartNew();
            await OpenManyAsync(dialer, Count, parallel);
            var took = watch.Elapsed.TotalSeconds;
            var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            Console.WriteLine(
                $"{name}: new stream + 32 B ping, {parallel} at a time: {Count / took:F0}/s, {took / Count * parallel * 1e6:F0} us each, "
                + $"{allocated / (double)Count:F0} B allocated per stream, both ends");
        }

        await stop.CancelAsync();
        await serving;
    }

    private static Task OpenManyAsync(IMuxedConnection dialer, int count, int parallel) =>
        Task.WhenAll(Enumerable.Range(0, parallel).Select(_ => Task.Run(async () =>
        {
            var buffer = new byte[32];
            for (var i = 0; i < count / parallel; i++)
            {
                await using var stream = await dialer.OpenAsync(default);
                await stream.WriteAsync(buffer, default);
                await stream.ReadAsync(buffer, default);
            }
        })));

    private static async Task ServeAsync(IMuxedConnection listener, CancellationToken stop)
    {
        var serving = new List<Task>();
        try
        {
            while (await listener.AcceptAsync(stop) is { } stream)
            {
                serving.Add(EchoOnceAsync(stream));
                if (serving.Count > 256)
                    serving.RemoveAll(task => task.IsCompletedSuccessfully);
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }

        await Task.WhenAll(serving);
    }

    private static async Task EchoOnceAsync(IMuxedStream stream)
    {
        await using (stream)
        {
            var buffer = new byte[32];
            var count = await stream.ReadAsync(buffer, default);
            await stream.WriteAsync(buffer.AsMemory(0, count), default);
        }
    }

    private static async Task EchoAsync(string name, IMuxedConnection dialer, IMuxedConnection listener)
    {
        const int Count = 50_000;
        await using var ours = await dialer.OpenAsync(default);
        var buffer = new byte[32];
        await ours.WriteAsync(buffer, default);
        await using var theirs = await listener.AcceptAsync(default) ?? throw new InvalidOperationException("no stream");
        var echo = Task.Run(async () =>
        {
            var bytes = new byte[32];
            while (await theirs.ReadAsync(bytes, default) is var count and > 0)
                await theirs.WriteAsync(bytes.AsMemory(0, count), default);
        });
        await ours.ReadAsync(buffer, default);
        var times = new double[Count];
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await ours.WriteAsync(buffer, default);
            await ours.ReadAsync(buffer, default);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        await ours.CloseWriteAsync(default);
        await echo;
        Array.Sort(times);
        Console.WriteLine($"{name}: 32 B echo p50 {times[Count / 2]:F1} us, p99 {times[Count * 99 / 100]:F1} us, {allocated / (double)Count:F1} B allocated per echo");
    }

    private static SecuredConnection Secured(IRawConnection raw) =>
        new(raw, PlainCodec.Instance, Key, Key.PeerId, new ProtocolId("/plaintext/2.0.0"), null, ReadOnlyMemory<byte>.Empty);

    private static async Task<(IRawConnection, IRawConnection)> ConnectTcpAsync()
    {
        var transport = new TcpTransport();
        await using var listener = await transport.ListenAsync(Multiaddr.Parse("/ip4/127.0.0.1/tcp/0"), default);
        var dialing = transport.DialAsync(listener.Address, default).AsTask();
        var accepted = await listener.AcceptAsync(default) ?? throw new InvalidOperationException("no connection");
        return (await dialing, accepted);
    }
}
