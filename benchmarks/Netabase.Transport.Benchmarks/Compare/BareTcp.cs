using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Netabase.Transport.Benchmarks.Compare;

/// <summary>
/// What the same machine does with bare sockets and nothing on them: the floor under our times, the ceiling over our speeds.
/// </summary>
internal static class BareTcp
{
    private const byte Echo = (byte)'e';
    private const byte Sink = (byte)'s';

    /// <summary>Answers until cancelled; the address it listens on.</summary>
    public static IPEndPoint Serve(CancellationToken stopping, out Task serving)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        serving = AcceptAsync(listener, stopping);
        return (IPEndPoint)listener.LocalEndpoint;
    }

    /// <summary>Round trips of 32 bytes, in milliseconds.</summary>
    public static async Task<double[]> EchoAsync(IPEndPoint address, int count)
    {
        using var socket = await ConnectAsync(address, Echo);
        var request = RandomNumberGenerator.GetBytes(32);
        var answer = new byte[32];
        var times = new double[count];
        for (var number = 0; number < count; number++)
        {
            var started = Stopwatch.GetTimestamp();
            await socket.SendAsync(request);
            for (var at = 0; at < answer.Length;)
            {
                var read = await socket.ReceiveAsync(answer.AsMemory(at));
                at += read > 0 ? read : throw new InvalidOperationException("The echo ended.");
            }

            times[number] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        return times;
    }

    /// <summary>So many bytes one way, until the other end says it has them all, in milliseconds.</summary>
    public static async Task<double> BulkAsync(IPEndPoint address, int bytes)
    {
        using var socket = await ConnectAsync(address, Sink);
        var piece = new byte[128 * 1024];
        var started = Stopwatch.GetTimestamp();
        for (var left = bytes; left > 0;)
        {
            left -= await socket.SendAsync(piece.AsMemory(0, Math.Min(left, piece.Length)));
        }

        socket.Shutdown(SocketShutdown.Send);
        await socket.ReceiveAsync(piece.AsMemory(0, 1));
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint address, byte purpose)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address);
        await socket.SendAsync(new[] { purpose });
        return socket;
    }

    private static async Task AcceptAsync(TcpListener listener, CancellationToken stopping)
    {
        var served = new List<Task>();
        try
        {
            while (true)
            {
                served.Add(AnswerAsync(await listener.AcceptSocketAsync(stopping), stopping));
            }
        }
        catch (OperationCanceledException)
        {
            listener.Stop();
        }

        await Task.WhenAll(served);
    }

    private static async Task AnswerAsync(Socket socket, CancellationToken stopping)
    {
        using (socket)
        {
            socket.NoDelay = true;
            var buffer = new byte[256 * 1024];
            try
            {
                await socket.ReceiveAsync(buffer.AsMemory(0, 1), stopping);
                var echoes = buffer[0] == Echo;
                while (await socket.ReceiveAsync(buffer, stopping) is > 0 and var read)
                {
                    if (echoes)
                    {
                        await socket.SendAsync(buffer.AsMemory(0, read), stopping);
                    }
                }

                await socket.SendAsync(buffer.AsMemory(0, 1), stopping);
            }
            catch (Exception ended) when (ended is SocketException or OperationCanceledException)
            {
                // The measure is over.
            }
        }
    }
}
