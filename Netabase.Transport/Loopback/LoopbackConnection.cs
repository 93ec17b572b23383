using System.Threading.Channels;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Loopback;

/// <summary>One end of a connection in memory.</summary>
internal sealed class LoopbackConnection : IMuxedConnection
{
    private const int AcceptBacklog = 256;
    private const int MaxStreams = 4096;

    private readonly Lock _gate = new();
    private readonly LoopbackWorld _world;
    private readonly LoopbackLink _outward;
    private readonly LoopbackLink _inward;
    private readonly LoopbackLane _lane = new();
    private readonly Dictionary<uint, LoopbackStream> _streams = [];
    private readonly Channel<LoopbackStream> _accepted = Channel.CreateBounded<LoopbackStream>(AcceptBacklog);
    private readonly TaskCompletionSource<ConnectionEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopbackConnection _other = null!;
    private uint _nextId;

    public LoopbackConnection(LoopbackWorld world, PeerId local, PeerId remote, bool isDialer)
    {
        _world = world;
        _outward = world.Link(local, remote);
        _inward = world.Link(remote, local);
        _nextId = isDialer ? 1u : 2u;
        world.Opened(this);
    }

    public int StreamCount
    {
        get
        {
            lock (_gate)
            {
                return _streams.Count;
            }
        }
    }

    public TimeSpan? RoundTrip => _outward.Faults.Delay + _inward.Faults.Delay;

    public Task<ConnectionEnd> Ended => _ended.Task;

    public void Join(LoopbackConnection other)
    {
        _other = other;
        other._other = this;
    }

    public bool Uses(LoopbackLink link) => _outward == link || _inward == link;

    public ValueTask<IMuxedStream> OpenAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_ended.Task.IsCompleted)
            {
                throw Over();
            }

            if (_streams.Count >= MaxStreams)
            {
                throw new TransportException(TransportError.LimitReached, $"The connection carries {MaxStreams} streams already.");
            }

            var stream = new LoopbackStream(this, _nextId, opened: true);
            _nextId += 2;
            _streams.Add(stream.Id, stream);
            return new ValueTask<IMuxedStream>(stream);
        }
    }

    public async ValueTask<IMuxedStream?> AcceptAsync(CancellationToken cancellation)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            if (_accepted.Reader.TryRead(out var stream))
            {
                return stream;
            }
        }

        return null;
    }

    public ValueTask CloseAsync(CancellationToken cancellation)
    {
        SendControl(() => _other.End(null));
        End(null);
        return default;
    }

    public void Abort(TransportException reason)
    {
        SendControl(() => _other.End(new TransportException(TransportError.ConnectionClosed, "The peer cut the connection.")));
        End(reason);
    }

    public ValueTask DisposeAsync()
    {
        Abort(new TransportException(TransportError.ConnectionClosed, "The connection was disposed."));
        return default;
    }

    /// <summary>Ends this end alone; idempotent.</summary>
    public void End(TransportException? error)
    {
        List<LoopbackStream> cut;
        lock (_gate)
        {
            if (!_ended.TrySetResult(new ConnectionEnd(error)))
            {
                return;
            }

            cut = [.. _streams.Values];
            _streams.Clear();
        }

        _accepted.Writer.TryComplete();
        _world.Closed(this);
        cut.ForEach(stream => stream.FailOnceRead(error ?? Over()));
    }

    /// <summary>Sends something that belongs to no stream, behind everything else.</summary>
    public void SendControl(Action deliver) => _outward.Send(_lane, deliver);

    /// <summary>Sends something of a stream to its other end, which is created when this is the first of it.</summary>
    public void Send(LoopbackStream stream, bool opens, Action<LoopbackStream> deliver)
    {
        var id = stream.Id;
        _outward.Send(_outward.Faults.Reorder ? stream.Lane : _lane, () =>
        {
            if (_other.Find(id, opens) is { } there)
            {
                deliver(there);
            }
        });
    }

    public void Forget(LoopbackStream stream)
    {
        lock (_gate)
        {
            _streams.Remove(stream.Id);
        }
    }

    private LoopbackStream? Find(uint id, bool opens)
    {
        LoopbackStream stream;
        lock (_gate)
        {
            if (_streams.TryGetValue(id, out var known))
            {
                return known;
            }

            if (!opens || _ended.Task.IsCompleted)
            {
                return null;
            }

            stream = new LoopbackStream(this, id, opened: false);
            _streams.Add(id, stream);
        }

        if (_accepted.Writer.TryWrite(stream))
        {
            return stream;
        }

        stream.Reset();
        return null;
    }

    private static TransportException Over() => new(TransportError.ConnectionClosed, "The connection is over.");
}
