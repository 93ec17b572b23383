using Netabase.Multiformats;

namespace Netabase.Transport.Network;

/// <summary>Which peers are exempt from trimming and idle time-out, and on whose behalf.</summary>
internal sealed class Protections
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, HashSet<string>> _tags = [];

    public void Add(PeerId peer, string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        lock (_gate)
        {
            if (!_tags.TryGetValue(peer, out var tags))
            {
                _tags.Add(peer, tags = []);
            }

            tags.Add(tag);
        }
    }

    /// <returns>True while another tag is left.</returns>
    public bool Remove(PeerId peer, string tag)
    {
        lock (_gate)
        {
            if (!_tags.TryGetValue(peer, out var tags))
            {
                return false;
            }

            tags.Remove(tag);
            return tags.Count > 0 || !_tags.Remove(peer);
        }
    }

    public bool Covers(PeerId peer)
    {
        lock (_gate)
        {
            return _tags.ContainsKey(peer);
        }
    }
}
