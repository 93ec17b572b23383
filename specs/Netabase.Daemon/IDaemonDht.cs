using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Daemon;

/// <summary>Who and where.</summary>
/// <param name="Peer">Its id.</param>
/// <param name="Addresses">Where it listens, as far as known.</param>
internal sealed record DhtPeer(PeerId Peer, ImmutableArray<Multiaddr> Addresses);

/// <summary>
/// The DHT as control clients use it. Keys are raw bytes (<c>/pk/</c> and a multihash); what is provided is named by its
/// multihash, whatever CID carried it.
/// </summary>
internal interface IDaemonDht
{
    /// <summary>A peer by its id, or null.</summary>
    Task<DhtPeer?> FindPeerAsync(PeerId peer, CancellationToken cancellation);

    /// <summary>The peers closest to a key, nearest first.</summary>
    Task<ImmutableArray<PeerId>> ClosestAsync(ReadOnlyMemory<byte> key, CancellationToken cancellation);

    /// <summary>The best value of a key, or null.</summary>
    Task<byte[]?> GetAsync(ReadOnlyMemory<byte> key, CancellationToken cancellation);

    /// <summary>Stores a value here and at the closest peers.</summary>
    /// <exception cref="InvalidDataException">The value is none for that key.</exception>
    Task PutAsync(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, CancellationToken cancellation);

    /// <summary>Says at the closest peers that we have it.</summary>
    Task ProvideAsync(ReadOnlyMemory<byte> multihash, CancellationToken cancellation);

    /// <summary>Who says to have it, at most so many.</summary>
    Task<ImmutableArray<DhtPeer>> FindProvidersAsync(ReadOnlyMemory<byte> multihash, int count, CancellationToken cancellation);
}
