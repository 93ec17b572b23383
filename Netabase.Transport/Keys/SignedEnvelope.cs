using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Netabase.Transport.Keys;

/// <summary>
/// What an envelope is for. The domain is signed and never sent, so that a signature made for one purpose is worth
/// nothing for another.
/// </summary>
/// <param name="Domain">The signed domain.</param>
/// <param name="PayloadType">The type bytes that stand in the envelope.</param>
public sealed record EnvelopeKind(string Domain, Payload PayloadType)
{
    /// <summary>Peer records, as go, js and rust make them; RFC 0003's text still has older values that nobody sends.</summary>
    public static readonly EnvelopeKind PeerRecord = new("libp2p-peer-record", new Payload(new byte[] { 0x03, 0x01 }));

    /// <summary>Vouchers of relay reservations (circuit-v2).</summary>
    public static readonly EnvelopeKind RelayVoucher = new("libp2p-relay-rsvp", new Payload(new byte[] { 0x03, 0x02 }));
}

/// <summary>
/// libp2p RFC 0002: content, the key of who vouches for it, and the signature. An instance's signature always holds: it
/// comes from <see cref="Seal"/> or from <see cref="Open"/>, which checks it.
/// </summary>
public sealed class SignedEnvelope
{
    /// <summary>The longest envelope we read, in bytes; go-libp2p accepts peer records up to 8 KiB.</summary>
    public const int MaxLength = 16 * 1024;

    private const string What = "signed envelope";

    private SignedEnvelope(PublicKey signer, EnvelopeKind kind, Payload content, Payload encoded) =>
        (Signer, Kind, Content, Encoded) = (signer, kind, content, encoded);

    /// <summary>Who vouches.</summary>
    public PublicKey Signer { get; }

    /// <summary>What it is for.</summary>
    public EnvelopeKind Kind { get; }

    /// <summary>What is vouched for.</summary>
    public Payload Content { get; }

    /// <summary>The envelope as it was received or is to be sent; it may be shared on.</summary>
    public Payload Encoded { get; }

    /// <summary>Signs content for a purpose.</summary>
    public static SignedEnvelope Seal(PrivateKey key, EnvelopeKind kind, ReadOnlySpan<byte> content)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(kind);
        var encoded = new ProtoMessage()
            .Bytes(1, key.PublicKey.Encoded.Span)
            .Bytes(2, kind.PayloadType.Span)
            .Bytes(3, content)
            .Bytes(5, key.Sign(SignedBytes(kind, content)))
            .ToArray();
        if (encoded.Length > MaxLength) throw new ArgumentException($"The envelope would have {encoded.Length} bytes; {MaxLength} is the most anybody reads.", nameof(content));
        return new SignedEnvelope(key.PublicKey, kind, Payload.Copy(content), new Payload(encoded));
    }

    /// <summary>Reads an envelope and checks its purpose and its signature.</summary>
    /// <exception cref="TransportException">Malformed, for another purpose, or the signature does not hold (<see cref="TransportError.InvalidData"/>).</exception>
    public static SignedEnvelope Open(ReadOnlySpan<byte> encoded, EnvelopeKind kind, ICryptography? cryptography = null)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var fields = new ProtoFields(encoded, What);
        if (encoded.Length > MaxLength) throw fields.Malformed();

        PublicKey? signer = null;
        ReadOnlySpan<byte> type = default, content = default, signature = default;
        var seen = 0;
        while (fields.MoveNext())
        {
            if (fields.Field is not (1 or 2 or 3 or 5)) continue;

            // Every field once: two readers must not disagree about which one counts.
            var bit = 1 << fields.Field;
            if ((seen & bit) != 0) throw fields.Malformed();
            seen |= bit;
            var bytes = fields.ExpectBytes();
            switch (fields.Field)
            {
                case 1:
                    signer = PublicKey.Decode(bytes);
                    break;
                case 2:
                    type = bytes;
                    break;
                case 3:
                    content = bytes;
                    break;
                default:
                    signature = bytes;
                    break;
            }
        }

        if (signer is null || signature.IsEmpty) throw fields.Malformed();
        if (!type.SequenceEqual(kind.PayloadType.Span)) throw new TransportException(TransportError.InvalidData, $"The envelope is not for {kind.Domain}.");
        if (!signer.Verify(SignedBytes(kind, content), signature, cryptography))
            throw new TransportException(TransportError.InvalidData, $"The signature of the envelope for {kind.Domain} does not hold.");

        return new SignedEnvelope(signer, kind, Payload.Copy(content), Payload.Copy(encoded));
    }

    /// <summary>Reads an envelope and checks its purpose and its signature, or says false.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> encoded, EnvelopeKind kind, [NotNullWhen(true)] out SignedEnvelope? envelope)
    {
        try
        {
            envelope = Open(encoded, kind);
            return true;
        }
        catch (TransportException)
        {
            envelope = null;
            return false;
        }
    }

    private static byte[] SignedBytes(EnvelopeKind kind, ReadOnlySpan<byte> content) =>
        new ProtoMessage().Prefixed(Encoding.UTF8.GetBytes(kind.Domain)).Prefixed(kind.PayloadType.Span).Prefixed(content).ToArray();
}
