namespace Netabase.Transport;

/// <summary>A time-out joined with the caller's cancellation, which can tell afterwards which of them it was.</summary>
public sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _either;
    private readonly CancellationTokenRegistration _link;
    private readonly CancellationToken _caller;
    private readonly TimeSpan _patience;

    /// <summary>Starts the time.</summary>
    /// <param name="patience">How long; <see cref="Timeout.InfiniteTimeSpan"/> leaves it to the caller alone.</param>
    /// <param name="time">The clock.</param>
    /// <param name="caller">Gives up before that.</param>
    public Deadline(TimeSpan patience, TimeProvider time, CancellationToken caller)
    {
        _patience = patience;
        _caller = caller;
        _either = new CancellationTokenSource(patience, time);
        _link = caller.UnsafeRegister(static either => ((CancellationTokenSource)either!).Cancel(), _either);
    }

    /// <summary>Cancelled when the time is over or the caller gives up.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Whether the time is over and the caller has not given up.</summary>
    public bool HasPassed => _either.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>The error that says so.</summary>
    /// <param name="what">What took too long, to start the sentence with.</param>
    public TransportException Passed(string what) => new(TransportError.TimedOut, $"{what} took longer than {_patience.TotalSeconds:0.###} s.");

    /// <inheritdoc/>
    public void Dispose()
    {
        // Waits for a cancellation of the caller's that runs just now: it must not meet a source that is gone.
        _link.Dispose();
        _either.Dispose();
    }
}
