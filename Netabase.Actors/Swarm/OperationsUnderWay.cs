namespace Netabase.Actors.Swarm;

/// <summary>Counts what is under way across several steps, so that a stop can wait for all of it: a put is on disk before it is in a lane.</summary>
internal sealed class OperationsUnderWay
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _drained;
    private bool _isOpen;
    private int _count;

    /// <summary>Begins one.</summary>
    /// <returns>What ends it when disposed; null when none may begin.</returns>
    public IDisposable? TryEnter()
    {
        lock (_gate)
        {
            if (!_isOpen)
            {
                return null;
            }

            _count++;
            return new Turn(this);
        }
    }

    /// <summary>Lets operations begin.</summary>
    public void Open()
    {
        lock (_gate)
        {
            _isOpen = true;
        }
    }

    /// <summary>Lets none begin; completes when the last has ended.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _isOpen = false;
            if (_count == 0)
            {
                return Task.CompletedTask;
            }

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_count == 0)
            {
                _drained?.TrySetResult();
                _drained = null;
            }
        }
    }

    private sealed class Turn(OperationsUnderWay owner) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                owner.Leave();
            }
        }
    }
}
