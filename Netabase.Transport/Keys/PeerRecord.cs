using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Netabase.Multiformats;

namespace Netabase.Transport.Keys;

/// <summary>
/// libp2p RFC 0003: the addresses a peer says it has, in an envelope of its own. Whoever holds two records of a peer keeps
/// the one with the greater sequence; an equal one brings nothing new.
/// </summary>
public sealed class PeerRecord
{
    /// <summary>The most addresses of a record that are read; the others are passed over.</summary>
    public const int MaxAddresses = 128;

    private const string What = "peer record";

    /// <summary>A record yet to be sealed.</summary>
    public PeerRecord(PeerId peer, ulong sequence, ImmutableArray<Multiaddr> addresses) =>
        (Peer, Sequence, Addresses) = (peer, sequence, addresses);

    /// <summary>Whose addresses.</summary>
    public PeerId Peer { get; }

    /// <summary>Greater for every later record of the peer, across its restarts (<see cref="PeerRecordSequence"/>).</summary>
    public ulong Sequence { get; }

    /// <summary>The addresses, best first; without those whose protocols we do not know.</summary>
    public ImmutableArray<Multiaddr> Addresses { get; }

    /// <summary>Signs the record.</summary>
    /// <exception cref="ArgumentException">The key is not the peer's.</exception>
    public SignedEnvelope Seal(PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.PublicKey.PeerId != Peer) throw new ArgumentException("A peer record is sealed with the peer's own key.", nameof(key));
        return SignedEnvelope.Seal(key, EnvelopeKind.PeerRecord, Encode());
    }

    /// <summary>Opens an envelope, checks the signature, then that the record speaks of the signer.</summary>
    /// <exception cref="TransportException">Any of it does not hold (<see cref="TransportError.InvalidData"/>).</exception>
    public static PeerRecord Open(ReadOnlySpan<byte> envelope, ICryptography? cryptography = null)
    {
        var opened = SignedEnvelope.Open(envelope, EnvelopeKind.PeerRecord, cryptography);
        var record = Decode(opened.Content.Span);
        return record.Peer == opened.Signer.PeerId
            ? record
            : throw new TransportException(TransportError.InvalidData, $"{opened.Signer.PeerId} signed a record of {record.Peer}.");
    }

    /// <summary>Opens an envelope as <see cref="Open"/> does, or says false.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> envelope, [NotNullWhen(true)] out PeerRecord? record)
    {
        try
        {
            record = Open(envelope);
            return true;
        }
        catch (TransportException)
        {
            record = null;
            return false;
        }
    }

    private byte[] Encode()
    {
        var message = new ProtoMessage().Bytes(1, Peer.Multihash.Span).Number(2, Sequence);
        foreach (var address in Addresses) message.Bytes(3, new ProtoMessage().Bytes(1, address.Bytes.Span).ToArray());
        return message.ToArray();
    }

    private static PeerRecord Decode(ReadOnlySpan<byte> content)
    {
        var fields = new ProtoFields(content, What);
        PeerId? peer = null;
        var sequence = 0UL;
        var addresses = ImmutableArray.CreateBuilder<Multiaddr>();
        while (fields.MoveNext())
        {
            switch (fields.Field)
            {
                case 1:
                    peer = PeerId.TryFromBytes(fields.ExpectBytes(), out var id) ? id : throw fields.Malformed();
                    break;
                case 2:
                    sequence = fields.ExpectNumber();
                    break;
                case 3 when addresses.Count < MaxAddresses:
                    if (TryReadAddress(fields.ExpectBytes(), out var address)) addresses.Add(address);
                    break;
                default:
                    break;
            }
        }

        return new PeerRecord(peer ?? throw fields.Malformed(), sequence, addresses.ToImmutable());
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> info, out Multiaddr address)
    {
        address = default;
        var fields = new ProtoFields(info, What);
        var found = false;
        while (fields.MoveNext())
        {
            if (fields.Field == 1) found = Multiaddr.TryFromBytes(fields.ExpectBytes(), out address);
        }

        return found;
    }
}

/// <summary>
/// Sequences for our own peer records: milliseconds of unix time, so that a restart goes on above what was said before it,
/// and always one more than the last, so that a clock set back does not repeat one. Thread-safe.
/// </summary>
public sealed class PeerRecordSequence(TimeProvider time)
{
    private long _last;

    /// <summary>The next sequence.</summary>
    public ulong Next()
    {
        while (true)
        {
            var last = Interlocked.Read(ref _last);
            var next = Math.Max(last + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
            if (Interlocked.CompareExchange(ref _last, next, last) == last) return (ulong)next;
        }
    }
}
