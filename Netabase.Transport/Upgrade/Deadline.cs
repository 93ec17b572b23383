namespace Netabase.Transport.Upgrade;

/// <summary>A time-out joined with the caller's cancellation, which can tell afterwards which of them it was.</summary>
public sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _linked;
    private readonly CancellationToken _caller;
    private readonly TimeSpan _patience;

    /// <summary>Starts the time.</summary>
    public Deadline(TimeSpan patience, TimeProvider time, CancellationToken caller)
    {
        _patience = patience;
        _caller = caller;
        _timer = new CancellationTokenSource(patience, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller);
    }

    /// <summary>Cancelled when the time is over or the caller gives up.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>Whether the time is over and the caller has not given up.</summary>
    public bool HasPassed => _timer.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>The error that says so.</summary>
    /// <param name="what">What took too long, to start the sentence with.</param>
    public TransportException Passed(string what) => new(TransportError.TimedOut, $"{what} took longer than {_patience.TotalSeconds:0.###} s.");

    /// <inheritdoc/>
    public void Dispose()
    {
        _linked.Dispose();
        _timer.Dispose();
    }
}
