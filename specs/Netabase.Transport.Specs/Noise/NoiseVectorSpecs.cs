using System.Text.Json;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Noise;

namespace Netabase.Transport.Specs.Noise;

/// <summary>
/// Every ciphertext and the handshake hash of <c>Noise_XX_25519_ChaChaPoly_SHA256</c>. The vectors beside this file were made by an
/// independent implementation of ours (Python, over OpenSSL) that reproduces the published ones. Of those, cacophony's stands beside them
/// with its source; snow.txt (mcginty/snow: tests/vectors) is read from the folder NETABASE_VECTORS names.
/// </summary>
public sealed class NoiseVectorSpecs
{
    private const string Name = "Noise_XX_25519_ChaChaPoly_SHA256";

    [Theory]
    [InlineData("native")]
    [InlineData("managed")]
    public void Our_vectors_hold_over_native_and_managed_primitives(string primitives)
    {
        using var stream = typeof(NoiseVectorSpecs).Assembly.GetManifestResourceStream("noise-xx.json")!;
        Assert.Equal(2, Check(stream, primitives));
    }

    [Theory]
    [InlineData("native")]
    [InlineData("managed")]
    public void The_vector_of_cacophony_holds_over_native_and_managed_primitives(string primitives)
    {
        using var stream = typeof(NoiseVectorSpecs).Assembly.GetManifestResourceStream("cacophony-xx.json")!;
        Assert.Equal(1, Check(stream, primitives));
    }

    [SkippableTheory]
    [InlineData("snow.txt", "native")]
    [InlineData("snow.txt", "managed")]
    public void The_published_vectors_hold_over_native_and_managed_primitives(string file, string primitives)
    {
        using var stream = PublishedVectors.Open(file);
        Assert.Equal(1, Check(stream, primitives));
    }

    private static int Check(Stream json, string primitives)
    {
        ICryptography cryptography = primitives == "native" ? NativeCryptography.Instance : ManagedCryptography.Instance;
        using var document = JsonDocument.Parse(json);
        var count = 0;
        foreach (var vector in document.RootElement.GetProperty("vectors").EnumerateArray())
        {
            if (vector.GetProperty("protocol_name").GetString() != Name) continue;
            count++;
            Check(vector, cryptography);
        }

        return count;
    }

    private static void Check(JsonElement vector, ICryptography cryptography)
    {
        using var dialerStatic = cryptography.ImportX25519(Hex(vector, "init_static"));
        using var listenerStatic = cryptography.ImportX25519(Hex(vector, "resp_static"));
        using var dialer = new NoiseHandshake(
            cryptography, ConnectionRole.Dialer, dialerStatic, Hex(vector, "init_prologue"), cryptography.ImportX25519(Hex(vector, "init_ephemeral")));
        using var listener = new NoiseHandshake(
            cryptography, ConnectionRole.Listener, listenerStatic, Hex(vector, "resp_prologue"), cryptography.ImportX25519(Hex(vector, "resp_ephemeral")));

        NoiseCodec? ofDialer = null, ofListener = null;
        var turn = 0;
        foreach (var message in vector.GetProperty("messages").EnumerateArray())
        {
            byte[] payload = Hex(message, "payload"), expected = Hex(message, "ciphertext");
            if (turn < 3)
            {
                var (sender, receiver) = turn % 2 == 0 ? (dialer, listener) : (listener, dialer);
                var sent = new byte[payload.Length + NoiseHandshake.MaxOverhead];
                Assert.Equal(expected, sent[..sender.WriteMessage(payload, sent)]);
                var read = new byte[expected.Length];
                Assert.Equal(payload, read[..receiver.ReadMessage(expected, read)]);
            }
            else
            {
                ofDialer ??= Split(dialer);
                ofListener ??= Split(listener);
                var (sender, receiver) = turn % 2 == 0 ? (ofDialer, ofListener) : (ofListener, ofDialer);
                var frame = new byte[payload.Length + sender.Overhead];
                payload.CopyTo(frame, sender.Prefix);
                Assert.Equal(frame.Length, sender.Seal(frame, payload.Length));
                Assert.Equal(expected, frame[2..]);
                Assert.True(receiver.TryOpen(frame, out var consumed, out var plaintext));
                Assert.Equal(frame.Length, consumed);
                Assert.Equal(payload, frame[plaintext]);
            }

            turn++;
        }

        Assert.True(turn > 3);
        Assert.Equal(listenerStatic.PublicKey.ToArray(), dialer.RemoteStatic.ToArray());
        Assert.Equal(dialerStatic.PublicKey.ToArray(), listener.RemoteStatic.ToArray());
        Assert.Equal(dialer.Hash.ToArray(), listener.Hash.ToArray());
        if (vector.TryGetProperty("handshake_hash", out _)) Assert.Equal(Hex(vector, "handshake_hash"), dialer.Hash.ToArray());
        ofDialer?.Dispose();
        ofListener?.Dispose();
    }

    private static NoiseCodec Split(NoiseHandshake handshake)
    {
        var (send, receive) = handshake.Split();
        return new NoiseCodec(send, receive);
    }

    private static byte[] Hex(JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);
}
