using System.Buffers.Binary;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Noise;

namespace Netabase.Transport.Specs.Noise;

/// <summary>A peer whose Noise is right and whose identity payload is not.</summary>
internal static class ForgedPeer
{
    public static async Task RunAsync(IRawConnection raw, ConnectionRole role, PrivateKey identity, string flaw)
    {
        using var staticKey = Cryptography.Default.CreateX25519();
        using var handshake = new NoiseHandshake(Cryptography.Default, role, staticKey);
        while (!handshake.IsComplete)
        {
            if (handshake.IsOurTurn)
            {
                var first = role == ConnectionRole.Dialer && handshake.RemoteStatic.IndexOfAnyExcept((byte)0) < 0;
                var frame = new byte[4096];
                var length = handshake.WriteMessage(first ? [] : Payload(identity, staticKey.PublicKey, flaw), frame.AsSpan(2));
                BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)length);
                await raw.SendAsync(frame.AsMemory(0, 2 + length), default);
            }
            else
            {
                var message = new byte[4096];
                var read = await raw.ReceiveAsync(message, new CancellationTokenSource(TimeSpan.FromSeconds(120)).Token);
                handshake.ReadMessage(message.AsSpan(2, read - 2), new byte[4096]);
            }

            // As a listener we have said all we have to say; the dialer hangs up on it.
            if (role == ConnectionRole.Listener && !handshake.IsOurTurn) return;
        }
    }

    private static byte[] Payload(PrivateKey identity, ReadOnlySpan<byte> staticKey, string flaw)
    {
        using var other = PrivateKey.Generate();
        byte[] right = [.. "noise-libp2p-static-key:"u8, .. staticKey];
        var signed = flaw switch
        {
            "other static key" => [.. "noise-libp2p-static-key:"u8, .. other.PublicKey.Data.Span],
            "no domain" => staticKey.ToArray(),
            _ => right,
        };
        var signature = flaw == "missing signature" ? [] : (flaw == "other identity" ? other : identity).Sign(signed);
        var key = flaw switch
        {
            "missing key" => default,
            "malformed key" => new Payload(new byte[] { 8, 1, 18, 3, 1, 2, 3 }),
            _ => identity.PublicKey.Encoded,
        };
        var encoded = new NoisePayload(key, new Payload(signature), []).Encode();
        return flaw == "trailing data" ? [.. encoded, 0xff] : encoded;
    }
}
