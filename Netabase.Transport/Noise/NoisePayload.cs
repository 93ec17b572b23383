using System.Collections.Immutable;
using System.Text;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Noise;

/// <summary>
/// What the two ends tell of themselves inside the handshake (libp2p noise, <c>NoiseHandshakePayload</c>): the identity key, its
/// signature of the Noise static key, and the muxers they would use. Written by hand: it is signed for and small.
/// </summary>
/// <param name="IdentityKey">The encoded <c>PublicKey</c> message.</param>
/// <param name="IdentitySignature">By that key, over <c>noise-libp2p-static-key:</c> and the static key.</param>
/// <param name="Muxers">Best first; empty when early negotiation is not spoken.</param>
public sealed record NoisePayload(Payload IdentityKey, Payload IdentitySignature, ImmutableArray<ProtocolId> Muxers)
{
    /// <summary>How many muxers, or certificate hashes, a peer may name.</summary>
    public const int MaxEntries = 32;

    private const int KeyField = 1;
    private const int SignatureField = 2;
    private const int ExtensionsField = 4;
    private const int CertificateHashesField = 1;
    private const int MuxersField = 2;

    /// <summary>The protobuf message.</summary>
    public byte[] Encode()
    {
        var extensions = new List<byte>();
        foreach (var muxer in Muxers) Append(extensions, MuxersField, Encoding.UTF8.GetBytes(muxer.Name));

        var message = new List<byte>();
        Append(message, KeyField, IdentityKey.Span);
        Append(message, SignatureField, IdentitySignature.Span);
        if (extensions.Count > 0) Append(message, ExtensionsField, extensions.ToArray());
        return [.. message];
    }

    /// <summary>Reads a whole message; unknown fields are passed over, bytes that are no field are not.</summary>
    /// <exception cref="TransportException">The key or the signature is missing, or the bytes are no such message.</exception>
    public static NoisePayload Decode(ReadOnlySpan<byte> message)
    {
        Payload key = default, signature = default;
        var muxers = ImmutableArray.CreateBuilder<ProtocolId>();
        while (!message.IsEmpty)
        {
            var (field, value) = TakeField(ref message);
            if (field == KeyField) key = Payload.Copy(value);
            else if (field == SignatureField) signature = Payload.Copy(value);
            else if (field == ExtensionsField) ReadExtensions(value, muxers);
        }

        if (key.IsEmpty || signature.IsEmpty) throw Malformed("has no identity key or no signature");
        return new NoisePayload(key, signature, muxers.ToImmutable());
    }

    private static void ReadExtensions(ReadOnlySpan<byte> extensions, ImmutableArray<ProtocolId>.Builder muxers)
    {
        var hashes = 0;
        while (!extensions.IsEmpty)
        {
            var (field, value) = TakeField(ref extensions);
            if (field == MuxersField)
            {
                if (!System.Text.Unicode.Utf8.IsValid(value)) throw Malformed("names a muxer that is no text");
                muxers.Add(new ProtocolId(Encoding.UTF8.GetString(value)));
            }

            if (field == CertificateHashesField) hashes++;
            if (Math.Max(hashes, muxers.Count) > MaxEntries) throw Malformed($"has more than {MaxEntries} entries of a kind");
        }
    }

    /// <summary>Takes one field; number 0 stands for one of a wire type that none of ours has.</summary>
    private static Field TakeField(ref ReadOnlySpan<byte> rest)
    {
        var tag = TakeVarint(ref rest);
        var field = tag >> 3;
        if (field is 0 or > 536_870_911) throw Malformed("has an impossible field number");
        switch (tag & 7)
        {
            case 0:
                TakeVarint(ref rest);
                return default;
            case 1:
                TakeBytes(ref rest, 8);
                return default;
            case 2:
                return new Field((int)field, TakeBytes(ref rest, TakeVarint(ref rest)));
            case 5:
                TakeBytes(ref rest, 4);
                return default;
            default:
                throw Malformed("has an unknown wire type");
        }
    }

    private static ReadOnlySpan<byte> TakeBytes(ref ReadOnlySpan<byte> rest, ulong length)
    {
        if (length > (ulong)rest.Length) throw Malformed("is cut off");
        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    private static ulong TakeVarint(ref ReadOnlySpan<byte> rest)
    {
        if (UVarint.TryRead(rest, out var value, out var consumed) != UVarintStatus.Ok) throw Malformed("has a malformed number");
        rest = rest[consumed..];
        return value;
    }

    private static void Append(List<byte> message, int field, ReadOnlySpan<byte> value)
    {
        Span<byte> length = stackalloc byte[UVarint.MaxLength];
        message.Add((byte)((field << 3) | 2));
        message.AddRange(length[..UVarint.Write(length, (ulong)value.Length)]);
        message.AddRange(value);
    }

    private static TransportException Malformed(string what) =>
        new(TransportError.InvalidData, $"Noise: the handshake payload {what}.");

    private readonly ref struct Field(int number, ReadOnlySpan<byte> value)
    {
        private readonly ReadOnlySpan<byte> _value = value;

        public void Deconstruct(out int field, out ReadOnlySpan<byte> bytes)
        {
            field = number;
            bytes = _value;
        }
    }
}
