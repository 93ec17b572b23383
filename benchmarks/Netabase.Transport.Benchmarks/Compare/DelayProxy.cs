using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Netabase.Transport.Benchmarks.Compare;

/// <summary>A TCP proxy that behaves like a long line: each direction delays by half the round trip and carries so many bits a second.</summary>
internal sealed class DelayProxy : IAsyncDisposable
{
    private const int PieceSize = 64 * 1024;

    /// <summary>Pieces on their way in one direction: 64 MiB, well over what 60 ms at 5 Gbit/s hold. They are used again, so that the line collects no garbage.</summary>
    private const int PiecesInFlight = 1024;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _target;
    private readonly TimeSpan _oneWay;
    private readonly double _bytesPerTick;
    private readonly Task _accepting;

    public DelayProxy(IPEndPoint target, TimeSpan roundTrip, double bitsPerSecond)
    {
        _target = target;
        _oneWay = roundTrip / 2;
        _bytesPerTick = bitsPerSecond / 8 / Stopwatch.Frequency;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var lines = new List<Task>();
        try
        {
            while (true)
            {
                var near = await _listener.AcceptAsync(_stop.Token);
                lines.Add(CarryAsync(near));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(lines);
        }
    }

    private async Task CarryAsync(Socket near)
    {
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (near)
        {
            near.NoDelay = true;
            try
            {
                await far.ConnectAsync(_target, _stop.Token);
                await Task.WhenAll(OneWayAsync(near, far), OneWayAsync(far, near));
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One end has gone; the other follows by being closed.
            }
        }
    }

    private async Task OneWayAsync(Socket from, Socket to)
    {
        var line = Channel.CreateBounded<(byte[] Bytes, int Count, long Due)>(PiecesInFlight);
        var free = new ConcurrentStack<byte[]>();
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var delivering = DeliverAsync(line.Reader, free, to, cut.Token);
        long idleFrom = 0;
        try
        {
            while (true)
            {
                var piece = free.TryPop(out var used) ? used : GC.AllocateUninitializedArray<byte>(PieceSize);
                var count = await from.ReceiveAsync(piece, cut.Token);
                if (count == 0)
                {
                    break;
                }

                idleFrom = Math.Max(idleFrom, Stopwatch.GetTimestamp()) + (long)(count / _bytesPerTick);
                await line.Writer.WriteAsync((piece, count, idleFrom + (long)(_oneWay.TotalSeconds * Stopwatch.Frequency)), cut.Token);
            }
        }
        finally
        {
            line.Writer.TryComplete();
        }

        await delivering;
    }

    private static async Task DeliverAsync(
        ChannelReader<(byte[] Bytes, int Count, long Due)> line, ConcurrentStack<byte[]> free, Socket to, CancellationToken cancellation)
    {
        await foreach (var (bytes, count, due) in line.ReadAllAsync(cancellation))
        {
            while (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { TotalMilliseconds: > 0.5 } wait)
            {
                await Task.Delay(wait, cancellation);
            }

            for (var sent = 0; sent < count;)
            {
                sent += await to.SendAsync(bytes.AsMemory(sent, count - sent), cancellation);
            }

            free.Push(bytes);
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
