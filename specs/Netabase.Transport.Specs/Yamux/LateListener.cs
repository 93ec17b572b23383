using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Specs.Yamux;

/// <summary>A connection that can be told to hear nothing for a while, and tells when a send of ours was refused.</summary>
internal sealed class LateListener(IRawConnection inner) : IRawConnection
{
    private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _deaf;

    public Multiaddr LocalAddress => inner.LocalAddress;

    public Multiaddr RemoteAddress => inner.RemoteAddress;

    /// <summary>Completes with the first send that the other end takes no more.</summary>
    internal Task Refused => _refused.Task;

    /// <summary>From here on nothing that arrives is heard.</summary>
    internal void StopListening() => _deaf = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Listen() => _deaf?.TrySetResult();

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var count = await inner.ReceiveAsync(buffer, cancellation);
        if (_deaf is { } deaf)
            await deaf.Task.WaitAsync(cancellation);
        return count;
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await inner.SendAsync(bytes, cancellation);
        }
        catch (TransportException)
        {
            _refused.TrySetResult();
            throw;
        }
    }

    public void Abort()
    {
        inner.Abort();
        Listen();
    }

    public ValueTask DisposeAsync()
    {
        Listen();
        return inner.DisposeAsync();
    }
}
