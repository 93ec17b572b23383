using System.Diagnostics.CodeAnalysis;

namespace Netabase.Transport.Network;

/// <summary>
/// The owner of tasks that would else be nobody's: whatever runs in it is cancelled and awaited by <see cref="StopAsync"/>,
/// and what fails in it is told to one observer.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without timer, link or wait handle holds nothing to dispose of.")]
internal sealed class TaskScope
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<Exception> _failed;
    private int _running;
    private bool _closed;

    public TaskScope(Action<Exception> failed) => _failed = failed;

    /// <summary>Fires when the scope is to end.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _running;
            }
        }
    }

    /// <summary>Starts work on the thread pool.</summary>
    /// <returns>False when the scope takes nothing more; the work is not started then.</returns>
    public bool TryRun(Func<CancellationToken, Task> work)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _running++;
        }

        // Counted above, observed inside, and awaited through the count: the task needs no other holder.
        _ = Task.Run(() => RunAsync(work), CancellationToken.None);
        return true;
    }

    /// <summary>Cancels everything, and returns once nothing runs any more. Idempotent.</summary>
    public async Task StopAsync()
    {
        await CancelAsync().ConfigureAwait(false);
        await _drained.Task.ConfigureAwait(false);
    }

    /// <summary>Cancels everything and takes nothing more; <see cref="WaitAsync"/> tells the end.</summary>
    public async Task CancelAsync()
    {
        lock (_gate)
        {
            _closed = true;
            if (_running == 0)
            {
                _drained.TrySetResult();
            }
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Completes once the scope was cancelled and nothing runs any more.</summary>
    public Task WaitAsync() => _drained.Task;

    private async Task RunAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(Stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // Whatever it is, it is told to the observer, and the scope must still be able to drain.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _failed(failure);
        }
        finally
        {
            lock (_gate)
            {
                if (--_running == 0 && _closed)
                {
                    _drained.TrySetResult();
                }
            }
        }
    }
}
