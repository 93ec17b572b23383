using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Tcp;

/// <summary>
/// The receive of a connection's loop, used again and again without allocating. The loop goes on in the thread that completes it, and
/// when it waits for the next receive, that thread is lent to <see cref="AfterReceive"/>.
/// </summary>
internal sealed class ReceiveOperation(Socket socket) : SocketAsyncEventArgs(true), IValueTaskSource<int>
{
    [ThreadStatic]
    private static ReceiveOperation? t_completing;

    private ManualResetValueTaskSourceCore<int> _core;

    /// <inheritdoc cref="ILendsThreads.AfterReceive"/>
    public Action? AfterReceive { get; set; }

    /// <inheritdoc cref="ILendsThreads.IsLending"/>
    public bool IsCompleting => ReferenceEquals(t_completing, this);

    /// <summary>At least one byte, or 0 at the end; one at a time.</summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        _core.Reset();
        SetBuffer(buffer);
        if (socket.ReceiveAsync(this)) return new ValueTask<int>(this, _core.Version);
        return SocketError == SocketError.Success
            ? new ValueTask<int>(BytesTransferred)
            : ValueTask.FromException<int>(Failure());
    }

    /// <inheritdoc/>
    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        var before = t_completing;
        t_completing = this;
        try
        {
            if (SocketError == SocketError.Success) _core.SetResult(BytesTransferred);
            else _core.SetException(Failure());
        }
        finally
        {
            t_completing = before;
        }

        // From here on the loop may already go on in another thread.
        AfterReceive?.Invoke();
    }

    private TransportException Failure() => SocketErrors.Translate(new SocketException((int)SocketError), "Receiving failed");

    int IValueTaskSource<int>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
