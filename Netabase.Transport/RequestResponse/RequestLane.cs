using System.Diagnostics.CodeAnalysis;
using Netabase.Transport.Framing;
using Netabase.Transport.Network;

namespace Netabase.Transport.RequestResponse;

/// <summary>A stream between two requests, with its reader.</summary>
internal sealed class RequestStream(IPeerStream stream, int maxResponse)
{
    public IPeerStream Stream { get; } = stream;

    public FrameReader Reader { get; } = new(stream, maxResponse);

    /// <summary>Whether the request under way has been answered, well or badly.</summary>
    public bool Answered { get; set; }

    public long KeptSince { get; set; }

    /// <summary>In order when nothing is under way on it, else at once: an answer that comes late must not meet the next request.</summary>
    public async ValueTask CloseAsync(bool intact)
    {
        if (!intact)
        {
            Stream.Reset();
        }

        await Stream.DisposeAsync().ConfigureAwait(false);
        Reader.Dispose();
    }
}

/// <summary>The requests to one peer: how many are under way, how many wait, and which streams are free.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing to dispose of.")]
internal sealed class RequestLane(RequestSettings settings)
{
    private readonly Lock _gate = new();
    private readonly Stack<RequestStream> _idle = [];
    private readonly SemaphoreSlim _turns = new(settings.ParallelPerPeer);
    private int _present;
    private bool _closed;

    public int IdleCount
    {
        get
        {
            lock (_gate)
            {
                return _idle.Count;
            }
        }
    }

    public bool IsUnused
    {
        get
        {
            lock (_gate)
            {
                return _present == 0 && _idle.Count == 0;
            }
        }
    }

    public async ValueTask<Turn> EnterAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_present >= settings.ParallelPerPeer + settings.QueuePerPeer)
            {
                throw new TransportException(TransportError.LimitReached, "Too many requests wait for that peer.");
            }

            _present++;
        }

        try
        {
            await _turns.WaitAsync(cancellation).ConfigureAwait(false);
            return new Turn(this);
        }
        catch (OperationCanceledException)
        {
            Leave();
            throw;
        }
    }

    public RequestStream? TryTakeIdle(TimeProvider time)
    {
        lock (_gate)
        {
            return _idle.TryPeek(out var newest) && time.GetElapsedTime(newest.KeptSince) < settings.StreamIdle ? _idle.Pop() : null;
        }
    }

    public bool TryKeep(RequestStream stream, long now)
    {
        lock (_gate)
        {
            if (_closed || _idle.Count >= settings.ParallelPerPeer)
            {
                return false;
            }

            stream.KeptSince = now;
            _idle.Push(stream);
            return true;
        }
    }

    /// <summary>Closes what nobody has used for the idle time; a reset needs no waiting.</summary>
    public void CloseIdle(TimeProvider time)
    {
        List<RequestStream> expired;
        lock (_gate)
        {
            expired = [.. _idle.Where(stream => time.GetElapsedTime(stream.KeptSince) >= settings.StreamIdle)];
            if (expired.Count == 0)
            {
                return;
            }

            var left = _idle.Where(stream => !expired.Contains(stream)).Reverse().ToList();
            _idle.Clear();
            left.ForEach(_idle.Push);
        }

        foreach (var stream in expired)
        {
            stream.Stream.Reset();
            stream.Reader.Dispose();
        }
    }

    public async ValueTask CloseAsync()
    {
        List<RequestStream> kept;
        lock (_gate)
        {
            _closed = true;
            kept = [.. _idle];
            _idle.Clear();
        }

        foreach (var stream in kept)
        {
            await stream.CloseAsync(intact: true).ConfigureAwait(false);
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            _present--;
        }
    }

    /// <summary>One request's place among those under way.</summary>
    internal readonly struct Turn(RequestLane lane) : IDisposable
    {
        public void Dispose()
        {
            lane._turns.Release();
            lane.Leave();
        }
    }
}
