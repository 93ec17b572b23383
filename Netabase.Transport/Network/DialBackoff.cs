using Netabase.Multiformats;

namespace Netabase.Transport.Network;

/// <summary>
/// Remembers which address of which peer failed, and until when it is left alone: base + step * failures^2, up to a
/// maximum. Bounded: what would be allowed again goes first, then the oldest.
/// </summary>
internal sealed class DialBackoff(DialSettings settings, TimeProvider time)
{
    internal const int Capacity = 8192;
    private readonly Lock _gate = new();
    private readonly Dictionary<(PeerId Peer, Multiaddr Address), (int Failures, DateTimeOffset Until)> _failed = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _failed.Count;
            }
        }
    }

    /// <summary>When the address may be tried again; null for now.</summary>
    public DateTimeOffset? Until(PeerId peer, Multiaddr address)
    {
        lock (_gate)
        {
            return _failed.TryGetValue((peer, address), out var entry) && entry.Until > time.GetUtcNow() ? entry.Until : null;
        }
    }

    public void Failed(PeerId peer, Multiaddr address)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_failed.Count >= Capacity && !_failed.ContainsKey((peer, address)))
            {
                MakeRoom(now);
            }

            var failures = _failed.GetValueOrDefault((peer, address)).Failures;
            _failed[(peer, address)] = (failures + 1, now + PauseAfter(failures));
        }
    }

    /// <summary>A connection succeeded: all is forgiven.</summary>
    public void Succeeded(PeerId peer)
    {
        lock (_gate)
        {
            foreach (var key in _failed.Keys.Where(key => key.Peer == peer).ToList())
            {
                _failed.Remove(key);
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _failed.Clear();
        }
    }

    private TimeSpan PauseAfter(int earlier)
    {
        // 10,000^2 steps of any length are beyond every maximum; the bound keeps the arithmetic in range.
        var n = Math.Min(earlier, 10_000);
        var pause = settings.BackoffBase + (settings.BackoffStep * ((double)n * n));
        return pause < settings.BackoffMax ? pause : settings.BackoffMax;
    }

    private void MakeRoom(DateTimeOffset now)
    {
        foreach (var (key, entry) in _failed)
        {
            if (entry.Until <= now)
            {
                _failed.Remove(key);
            }
        }

        if (_failed.Count >= Capacity)
        {
            _failed.Remove(_failed.MinBy(entry => entry.Value.Until).Key);
        }
    }
}
