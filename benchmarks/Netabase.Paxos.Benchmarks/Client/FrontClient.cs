using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Netabase.Paxos.Benchmarks.Client;

/// <summary>The load's side of one member.</summary>
internal sealed class FrontClient : IDisposable
{
    private readonly FrontChannel _channel;
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<FrontFrame>> _waiting = [];
    private uint _last;
    private volatile bool _ended;

    private FrontClient(FrontChannel channel)
    {
        _channel = channel;
        _ = RunAsync();
    }

    public static async Task<FrontClient> ConnectAsync(int port, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellation).ConfigureAwait(false);
            return new FrontClient(new FrontChannel(socket));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <exception cref="IOException">The member is gone, or says that it failed.</exception>
    public async ValueTask<FrontFrame> AskAsync(byte kind, byte[] key, byte[] value)
    {
        var number = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<FrontFrame>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[number] = answer;
        if (_ended)
        {
            Fail();
        }

        await _channel.SendAsync(Front.Frame(number, kind, key, value)).ConfigureAwait(false);
        return await answer.Task.ConfigureAwait(false);
    }

    public void Dispose() => _channel.Dispose();

    private async Task RunAsync()
    {
        try
        {
            await _channel.RunAsync(frame =>
            {
                if (_waiting.TryRemove(frame.Number, out var answer))
                {
                    answer.TrySetResult(frame);
                }
            }).ConfigureAwait(false);
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or IOException)
        {
        }

        _ended = true;
        Fail();
    }

    private void Fail()
    {
        foreach (var number in _waiting.Keys)
        {
            if (_waiting.TryRemove(number, out var answer))
            {
                answer.TrySetException(new IOException("the member is gone"));
            }
        }
    }
}
