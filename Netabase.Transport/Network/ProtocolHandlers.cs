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

    /// <summary>Counts a stream in, or says which limit forbids it.</summary>
    public HandlerLease? TryEnter(ProtocolId protocol, PeerId peer)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(protocol, out var entry) && entry.TryEnter(peer)
                ? new HandlerLease(this, entry, peer)
                : null;
        }
    }

    internal void Leave(HandlerEntry entry, PeerId peer)
    {
        lock (_gate)
        {
            entry.Leave(peer);
        }
    }

    private ImmutableArray<ProtocolId> Rebuild()
    {
        Table = new ProtocolTable(_entries.Keys.OrderBy(protocol => protocol.Name, StringComparer.Ordinal));
        return Table.Protocols;
    }
}

/// <summary>One protocol's handler and its count.</summary>
internal sealed class HandlerEntry(StreamHandler handler, StreamLimits limits)
{
    private readonly Dictionary<PeerId, int> _perPeer = [];
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
