using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Transport.Network;

/// <summary>Finds peers without being told of any, as mDNS does. The network runs it and owns its task.</summary>
public interface IPeerDiscovery
{
    /// <summary>For logs.</summary>
    string Name { get; }

    /// <summary>Searches and answers until cancelled; when it returns or fails before, it is not run again until the next start.</summary>
    Task RunAsync(IDiscoverySink sink, CancellationToken cancellation);
}

/// <summary>What a discovery may ask of and tell to its network.</summary>
public interface IDiscoverySink
{
    /// <summary>Who we are, so that our own announcements are recognised.</summary>
    PeerId LocalPeer { get; }

    /// <summary>Where we listen now, interfaces expanded; what to announce.</summary>
    ImmutableArray<Multiaddr> AnnouncedAddresses { get; }

    /// <summary>A peer is there, or still there. What it says about itself is checked when it is dialed.</summary>
    void Found(PeerId peer, IReadOnlyList<Multiaddr> addresses, TimeSpan timeToLive, AddressSource source);

    /// <summary>A peer has said goodbye; silence is noticed by the time to live.</summary>
    void Lost(PeerId peer);
}
