using System.Threading.Channels;

namespace Netabase.Transport.Network;

/// <summary>
/// One reader's view of a network's events: bounded, in order, and honest about what it lost. One reader at a time.
/// </summary>
public sealed class NetworkSubscription : IDisposable
{
    private readonly Channel<NetworkEvent> _events;
    private readonly Action<NetworkSubscription> _leave;
    private long _dropped;

    internal NetworkSubscription(int capacity, Action<NetworkSubscription> leave)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 65_536);
        _leave = leave;
        _events = Channel.CreateBounded<NetworkEvent>(
            new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped));
    }

    /// <summary>The next event, or null once the subscription was disposed and its buffer is empty.</summary>
    public async ValueTask<NetworkEvent?> ReadAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            var missed = Interlocked.Exchange(ref _dropped, 0);
            if (missed > 0)
            {
                return new NetworkEvent.Lagged(missed);
            }

            if (_events.Reader.TryRead(out var happened))
            {
                return happened;
            }

            if (!await _events.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
            {
                return null;
            }
        }
    }

    /// <summary>Every event until the subscription is disposed or the reading cancelled.</summary>
    public async IAsyncEnumerable<NetworkEvent> ReadAllAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (await ReadAsync(cancellation).ConfigureAwait(false) is { } happened)
        {
            yield return happened;
        }
    }

    /// <summary>Ends the subscription; what is buffered can still be read.</summary>
    public void Dispose()
    {
        _leave(this);
        _events.Writer.TryComplete();
    }

    /// <summary>Never blocks: a full buffer loses its oldest event.</summary>
    internal void Offer(NetworkEvent happened) => _events.Writer.TryWrite(happened);
}
