using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Records;

namespace Netabase.Protocol.Specs.Kademlia;

/// <summary>
/// Signatures of the simulation: a keyed sum that costs nanoseconds. The key of each peer follows from a secret of the world that no
/// simulated peer is given, so that a liar can sign as himself and as nobody else.
/// </summary>
internal sealed class SimulatedSignatures(ulong secret) : IRecordVerifier
{
    public IRecordSigner SignerOf(PeerId peer) => new Signer(this, peer);

    public bool Verify(PeerId signer, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        publicKey.IsEmpty && signature.SequenceEqual(Sign(signer, message));

    public bool IsKeyOf(PeerId peer, ReadOnlySpan<byte> publicKey) => PeerId.FromPublicKey(publicKey) == peer;

    private byte[] Sign(PeerId peer, ReadOnlySpan<byte> message)
    {
        var signature = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(signature, Sum(Sum(secret, peer.Multihash.Span), message));
        BinaryPrimitives.WriteUInt64LittleEndian(signature.AsSpan(8), Sum(Sum(~secret, peer.Multihash.Span), message));
        return signature;
    }

    private static ulong Sum(ulong state, ReadOnlySpan<byte> bytes)
    {
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            state = (state ^ word) * 0x9e3779b97f4a7c15;
            state ^= state >> 29;
        }

        foreach (var rest in bytes[(bytes.Length & ~7)..])
        {
            state = (state ^ rest) * 0xbf58476d1ce4e5b9;
            state ^= state >> 31;
        }

        return (state ^ (ulong)bytes.Length) * 0x94d049bb133111eb;
    }

    private sealed class Signer(SimulatedSignatures signatures, PeerId peer) : IRecordSigner
    {
        public PeerId Publisher => peer;

        public Payload PublicKey => peer.InlineKey;

        public Payload Sign(ReadOnlySpan<byte> message) => new(signatures.Sign(peer, message));
    }
}

/// <summary>The one model of the simulation: its values begin with their primary key of eight bytes.</summary>
internal sealed class SimulatedModels : IRecordModels
{
    public const string Definition = "simulation";

    private const int KeyLength = 8;

    public ModelFit Check(string definition, ushort tag, ReadOnlySpan<byte> primaryKey, PeerId publisher, ReadOnlySpan<byte> value)
    {
        if (definition != Definition || tag != 1)
        {
            return ModelFit.Unknown;
        }

        return value.Length < KeyLength ? ModelFit.Undecodable : value[..KeyLength].SequenceEqual(primaryKey) ? ModelFit.Fits : ModelFit.OtherKey;
    }

    public static RecordKey KeyOf(ReadOnlySpan<byte> value) => RecordKey.Derive(Definition, 1, value[..KeyLength]);

    /// <summary>A record of random content.</summary>
    public static DhtRecord Seal(IRecordSigner signer, byte[] value, HybridTimestamp clock, long expiresAt) =>
        DhtRecord.Of(new RecordEnvelope(KeyOf(value).Bytes, new Payload(value), signer.Publisher, clock, expiresAt).SealedBy(signer));
}
