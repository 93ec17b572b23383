using System.Security.Cryptography;
using Netabase.Transport.Keys;
using Netabase.Transport.Noise;

namespace Netabase.Transport.Specs.Noise;

/// <summary>The frames: sealed and opened in place, never with the same nonce twice.</summary>
public sealed class NoiseCodecSpecs
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(512)]
    [InlineData(65519)]
    public void What_one_end_seals_the_other_opens_in_place(int length)
    {
        var (left, right) = Pair();
        var text = RandomNumberGenerator.GetBytes(length);
        for (var run = 0; run < 3; run++)
        {
            var frame = Sealed(left, text);
            Assert.Equal(length + 18, frame.Length);
            Assert.True(right.TryOpen(frame, out var consumed, out var plaintext));
            Assert.Equal((frame.Length, 2), (consumed, plaintext.Start.Value));
            Assert.Equal(text, frame[plaintext]);
        }
    }

    [Fact]
    public void The_same_text_is_sealed_differently_every_time()
    {
        var (left, _) = Pair();
        Assert.NotEqual(Sealed(left, new byte[32]), Sealed(left, new byte[32]));
    }

    [Fact]
    public void Half_a_frame_consumes_nothing()
    {
        var (left, right) = Pair();
        var frame = Sealed(left, "hello"u8.ToArray());
        for (var length = 0; length < frame.Length; length++)
        {
            Assert.False(right.TryOpen(frame.AsSpan(0, length), out var consumed, out _));
            Assert.Equal(0, consumed);
        }

        Assert.True(right.TryOpen(frame, out _, out _));
    }

    [Fact]
    public void Every_single_changed_bit_is_noticed()
    {
        for (var bit = 16; bit < (18 + 5) * 8; bit++)
        {
            var (left, right) = Pair();
            var frame = Sealed(left, "hello"u8.ToArray());
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(TransportError.InvalidData, Assert.Throws<TransportException>(() => right.TryOpen(frame, out _, out _)).Error);
        }
    }

    [Fact]
    public void A_frame_replayed_or_out_of_order_is_refused()
    {
        var (left, right) = Pair();
        var first = Sealed(left, "first"u8.ToArray());
        var again = first.ToArray();
        Assert.True(right.TryOpen(first, out _, out _));
        Assert.Throws<TransportException>(() => right.TryOpen(again, out _, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    public void A_frame_too_short_for_its_tag_is_refused(byte length)
    {
        var (_, right) = Pair();
        Assert.Equal(
            TransportError.ProtocolViolation,
            Assert.Throws<TransportException>(() => right.TryOpen(new byte[] { 0, length, 1, 2, 3 }, out _, out _)).Error);
    }

    /// <summary>Noise Protocol Framework, 5.1: "2^64-1 is reserved for other use".</summary>
    [Fact]
    public void The_nonce_never_wraps()
    {
        var key = new byte[32];
        using var codec = new NoiseCodec(
            new NoiseCipherState(Cryptography.Default, key, ulong.MaxValue - 1), new NoiseCipherState(Cryptography.Default, key, ulong.MaxValue - 1));
        var frame = Sealed(codec, "the last one"u8.ToArray());
        Assert.True(codec.TryOpen(frame, out _, out _));
        Assert.Equal(TransportError.LimitReached, Assert.Throws<TransportException>(() => Sealed(codec, [1])).Error);
        Assert.Throws<TransportException>(() => codec.TryOpen(frame, out _, out _));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(65519)]
    public void Sealing_and_opening_allocates_nothing(int length)
    {
        var (left, right) = Pair();
        var frame = new byte[length + left.Overhead];
        Exchange(left, right, frame, length, 50);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(left, right, frame, length, 50);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Exchange(NoiseCodec left, NoiseCodec right, byte[] frame, int length, int count)
        {
            for (var run = 0; run < count; run++)
            {
                left.Seal(frame, length);
                if (!right.TryOpen(frame, out _, out _)) throw new InvalidOperationException();
            }
        }
    }

    [Fact]
    public void No_bytes_whatever_make_the_codec_fail_otherwise_than_by_its_own_error()
    {
        var seed = Randomness.Seed();
        var random = new Random(seed);
        var (left, right) = Pair();
        for (var run = 0; run < Randomness.Count(20_000, 2_000_000); run++)
        {
            var bytes = Randomness.Bytes(random, 80);
            if (bytes.Length > 1 && random.Next(4) != 0) (bytes[0], bytes[1]) = (0, (byte)random.Next(80));
            Randomness.OnlyRefuses(seed, run, () => right.TryOpen(bytes, out _, out _));
        }

        Assert.True(right.TryOpen(Sealed(left, [1]), out _, out _), "A refused frame must not move the counter.");
    }

    internal static (NoiseCodec Left, NoiseCodec Right) Pair()
    {
        byte[] there = RandomNumberGenerator.GetBytes(32), back = RandomNumberGenerator.GetBytes(32);
        return (new NoiseCodec(Cipher(there), Cipher(back)), new NoiseCodec(Cipher(back), Cipher(there)));

        static NoiseCipherState Cipher(byte[] key) => new(Cryptography.Default, key);
    }

    private static byte[] Sealed(NoiseCodec codec, byte[] text)
    {
        var frame = new byte[text.Length + codec.Overhead];
        text.CopyTo(frame, codec.Prefix);
        return frame[..codec.Seal(frame, text.Length)];
    }
}
