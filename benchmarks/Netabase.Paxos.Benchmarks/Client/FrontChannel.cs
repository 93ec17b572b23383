using System.Net.Sockets;
using System.Threading.Channels;

namespace Netabase.Paxos.Benchmarks.Client;

/// <summary>One connection of the small protocol: whatever waits to be sent leaves in one write.</summary>
internal sealed class FrontChannel(Socket socket) : IDisposable
{
    private readonly Channel<byte[]> _out = Channel.CreateBounded<byte[]>(16_384);

    public ValueTask SendAsync(byte[] frame) => _out.Writer.WriteAsync(frame);

    public Task RunAsync(Action<FrontFrame> onFrame) => Task.WhenAny(SendLoopAsync(), ReceiveLoopAsync(onFrame)).Unwrap();

    public void Dispose()
    {
        _out.Writer.TryComplete();
        socket.Dispose();
    }

    private async Task SendLoopAsync()
    {
        var buffer = new byte[256 * 1024];
        while (await _out.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var filled = 0;
            while (filled < buffer.Length / 2 && _out.Reader.TryRead(out var frame))
            {
                frame.CopyTo(buffer, filled);
                filled += frame.Length;
            }

            for (var sent = 0; sent < filled;)
            {
                sent += await socket.SendAsync(buffer.AsMemory(sent, filled - sent)).ConfigureAwait(false);
            }
        }
    }

    private async Task ReceiveLoopAsync(Action<FrontFrame> onFrame)
    {
        var buffer = new byte[512 * 1024];
        var end = 0;
        while (await socket.ReceiveAsync(buffer.AsMemory(end)).ConfigureAwait(false) is > 0 and var received)
        {
            end += received;
            var start = 0;
            while (Front.TryTake(buffer.AsSpan(start, end - start), out var frame))
            {
                start += frame.Length;
                onFrame(frame);
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
        }
    }
}
