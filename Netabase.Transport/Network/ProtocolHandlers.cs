using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Multistream;

namespace Netabase.Transport.Network;

/// <summary>Which protocols we answer, by whom, and how many streams of each are in service.</summary>
internal sealed class ProtocolHandlers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ProtocolId, HandlerEntry> _entries = [];

    /// <summary>Changes with every registration; what a negotiation under way looks into.</summary>
    public ProtocolTable Table { get; private set; } = ProtocolTable.Empty;

    /// <summary>In ordinal order of the names.</summary>
    public ImmutableArray<ProtocolId> Protocols
    {
        get
        {
            lock (_gate)
            {
                return Table.Protocols;
            }
        }
    }

    public ImmutableArray<ProtocolId> Add(ProtocolId protocol, StreamHandler handler, StreamLimits limits)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.Total, 1, nameof(limits));
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.PerPeer, 1, nameof(limits));
        MultistreamMessage.LengthOf(protocol);
        lock (_gate)
        {
            if (!_entries.TryAdd(protocol, new HandlerEntry(handler, limits)))
            {
                throw new InvalidOperationException($"{protocol} is handled already.");
            }

            return Rebuild();
        }
    }

    /// <summary>What is answered from now on, or null when the protocol was not.</summary>
    public ImmutableArray<ProtocolId>? Remove(ProtocolId protocol)
    {
        lock (_gate)
        {
            return _entries.Remove(protocol) ? Rebuild() : null;
        }
    }

    /// <summary>
    /// Counts a stream in. One beyond a limit waits for a place until the deadline: a peer that opens its next stream as soon as it has
    /// read the end of the last is ahead of our counting, and no offender. Null when there is no place.
    /// </summary>
    public ValueTask<HandlerLease?> EnterAsync(ProtocolId protocol, PeerId peer, TimeSpan grace, TimeProvider time, CancellationToken stopping)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(protocol, out var entry))
            {
                return default;
            }

            if (entry.TryEnter(peer))
            {
                return new ValueTask<HandlerLease?>(new HandlerLease(this, entry, peer));
            }

            return entry.TryWait(peer) is { } waiter ? WaitAsync(entry, waiter, grace, time, stopping) : default;
        }
    }

    internal void Leave(HandlerEntry entry, PeerId peer)
    {
        lock (_gate)
        {
            entry.Leave(peer);
            entry.Admit();
        }
    }

    private async ValueTask<HandlerLease?> WaitAsync(
        HandlerEntry entry, LinkedListNode<PlaceWaiter> waiter, TimeSpan grace, TimeProvider time, CancellationToken stopping)
    {
        using var deadline = new Deadline(grace, time, stopping);
        using var late = deadline.Token.UnsafeRegister(static waiter => ((PlaceWaiter)waiter!).Place.TrySetResult(false), waiter.Value);
        var admitted = await waiter.Value.Place.Task.ConfigureAwait(false);
        lock (_gate)
        {
            entry.Forget(waiter);
        }

        return admitted ? new HandlerLease(this, entry, waiter.Value.Peer) : null;
    }

    private ImmutableArray<ProtocolId> Rebuild()
    {
        Table = new ProtocolTable(_entries.Keys.OrderBy(protocol => protocol.Name, StringComparer.Ordinal));
        return Table.Protocols;
    }
}

/// <summary>A stream that waits for a place; its result is whether it got one.</summary>
internal sealed record PlaceWaiter(PeerId Peer)
{
    public TaskCompletionSource<bool> Place { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One protocol's handler, its count, and who waits for a place in it. Guarded by its owner.</summary>
internal sealed class HandlerEntry(StreamHandler handler, StreamLimits limits)
{
    /// <summary>Streams that wait, over all peers; of one peer no more than it may have in service.</summary>
    private const int WaitersMax = 256;

    private readonly Dictionary<PeerId, int> _perPeer = [];
    private readonly LinkedList<PlaceWaiter> _waiters = [];
    private int _total;

    public StreamHandler Handler { get; } = handler;

    public bool TryEnter(PeerId peer)
    {
        var held = _perPeer.GetValueOrDefault(peer);
        if (_total >= limits.Total || held >= limits.PerPeer)
        {
            return false;
        }

        _total++;
        _perPeer[peer] = held + 1;
        return true;
    }

    /// <summary>A place in the queue, or null when that is full, too.</summary>
    public LinkedListNode<PlaceWaiter>? TryWait(PeerId peer) =>
        _waiters.Count < WaitersMax && _waiters.Count(waiter => waiter.Peer == peer) < limits.PerPeer
            ? _waiters.AddLast(new PlaceWaiter(peer))
            : null;

    public void Forget(LinkedListNode<PlaceWaiter> waiter)
    {
        if (waiter.List is not null)
        {
            _waiters.Remove(waiter);
        }
    }

    /// <summary>Lets in who waits, in order, as far as there are places.</summary>
    public void Admit()
    {
        for (var waiter = _waiters.First; waiter is not null && _total < limits.Total;)
        {
            var next = waiter.Next;
            if (TryEnter(waiter.Value.Peer))
            {
                _waiters.Remove(waiter);
                if (!waiter.Value.Place.TrySetResult(true))
                {
                    Leave(waiter.Value.Peer);
                }
            }

            waiter = next;
        }
    }

    public void Leave(PeerId peer)
    {
        _total--;
        if (_perPeer[peer] == 1)
        {
            _perPeer.Remove(peer);
        }
        else
        {
            _perPeer[peer]--;
        }
    }
}

/// <summary>One inbound stream's place in the count; dispose it once.</summary>
internal sealed class HandlerLease(ProtocolHandlers owner, HandlerEntry entry, PeerId peer) : IDisposable
{
    private int _left;

    public StreamHandler Handler => entry.Handler;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            owner.Leave(entry, peer);
        }
    }
}
