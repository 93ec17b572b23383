using System.Threading.Channels;

namespace Netabase.Transport.Specs.Upgrade;

/// <summary>One direction of an in-memory pipe, which can be held: what is sent then arrives when it is let go.</summary>
internal sealed class Lane
{
    private readonly Channel<byte[]> _chunks = Channel.CreateUnbounded<byte[]>();
    private readonly Lock _gate = new();
    private readonly List<byte[]> _held = [];
    private readonly List<(int Count, TaskCompletionSource Done)> _waiting = [];
    private ReadOnlyMemory<byte> _rest;
    private bool _holds;

    /// <summary>How many chunks were sent.</summary>
    public int Sent { get; private set; }

    /// <summary>Whether what is sent waits.</summary>
    public bool Holds
    {
        get => _holds;
        set
        {
            lock (_gate)
            {
                _holds = value;
                if (value) return;
                foreach (var chunk in _held) _chunks.Writer.TryWrite(chunk);
                _held.Clear();
            }
        }
    }

    /// <summary>Completes once so many chunks were sent.</summary>
    public Task SentAsync(int count)
    {
        lock (_gate)
        {
            if (Sent >= count) return Task.CompletedTask;
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, done));
            return done.Task;
        }
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_chunks.Reader.Completion.IsCompleted) throw new TransportException(TransportError.ConnectionClosed, "The lane is closed.");
            if (_holds) _held.Add(bytes.ToArray());
            else _chunks.Writer.TryWrite(bytes.ToArray());
            Sent++;
            foreach (var (_, done) in _waiting.Where(waiter => waiter.Count <= Sent)) done.TrySetResult();
        }
    }

    public void Close(Exception? error = null) => _chunks.Writer.TryComplete(error);

    /// <summary>Reads at most one chunk; 0 at the end.</summary>
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (_rest.IsEmpty)
        {
            if (!await _chunks.Reader.WaitToReadAsync(cancellation)) return 0;
            if (buffer.IsEmpty || !_chunks.Reader.TryRead(out var chunk)) return 0;
            _rest = chunk;
        }

        var read = Math.Min(buffer.Length, _rest.Length);
        _rest[..read].CopyTo(buffer);
        _rest = _rest[read..];
        return read;
    }
}
