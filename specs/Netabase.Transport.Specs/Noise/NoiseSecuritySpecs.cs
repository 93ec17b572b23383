using System.Buffers.Binary;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Noise;
using Netabase.Transport.Specs.Upgrade;

namespace Netabase.Transport.Specs.Noise;

/// <summary>The libp2p handshake over Noise XX: whom it lets in, whom it refuses, and when.</summary>
public sealed class NoiseSecuritySpecs
{
    private static readonly ProtocolId Yamux = new("/yamux/1.0.0");
    private static readonly ProtocolId Mplex = new("/mplex/6.7.0");
    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(120)).Token;

    [Theory]
    [InlineData(KeyType.Ed25519)]
    [InlineData(KeyType.Secp256k1)]
    [InlineData(KeyType.Ecdsa)]
    [InlineData(KeyType.Rsa)]
    public async Task Two_peers_learn_each_others_identity(KeyType type)
    {
        using var left = PrivateKey.Generate(type);
        using var right = PrivateKey.Generate(type);
        var (dialer, listener) = await SecureAsync(new RawPair(), left, right, right.PublicKey.PeerId);
        Assert.Equal(right.PublicKey, dialer.RemoteKey);
        Assert.Equal(left.PublicKey, listener.RemoteKey);
        Assert.Equal(left.PublicKey.PeerId, listener.RemotePeer);
        Assert.Equal(NoiseSecurity.Protocol, dialer.Security);

        var frame = new byte[5 + dialer.Codec.Overhead];
        "hello"u8.CopyTo(frame.AsSpan(dialer.Codec.Prefix));
        dialer.Codec.Seal(frame, 5);
        Assert.True(listener.Codec.TryOpen(frame, out _, out var plaintext));
        Assert.Equal("hello"u8.ToArray(), frame[plaintext]);
    }

    [Fact]
    public async Task Native_and_managed_primitives_understand_each_other()
    {
        using var left = PrivateKey.Generate();
        using var right = PrivateKey.Generate();
        var pair = new RawPair();
        using var native = new NoiseSecurity(left, NativeCryptography.Instance);
        using var managed = new NoiseSecurity(right, ManagedCryptography.Instance);
        var listening = managed.SecureAsync(pair.Listener, ConnectionRole.Listener, null, [Yamux], Soon).AsTask();
        var dialed = await native.SecureAsync(pair.Dialer, ConnectionRole.Dialer, right.PublicKey.PeerId, [Yamux], Soon);
        Assert.Equal(right.PublicKey, dialed.RemoteKey);
        Assert.Equal(left.PublicKey, (await listening).RemoteKey);
    }

    /// <summary>Checklist item 1. The listener must not learn who dialed it.</summary>
    [Fact]
    public async Task A_dial_that_reaches_another_peer_fails_before_the_third_message()
    {
        using var left = PrivateKey.Generate();
        using var right = PrivateKey.Generate();
        using var other = PrivateKey.Generate();
        var pair = new RawPair();
        using var security = new NoiseSecurity(left);
        using var theirs = new NoiseSecurity(right);
        var listening = theirs.SecureAsync(pair.Listener, ConnectionRole.Listener, null, [Yamux], Soon).AsTask();
        var refused = await Assert.ThrowsAsync<TransportException>(
            () => security.SecureAsync(pair.Dialer, ConnectionRole.Dialer, other.PublicKey.PeerId, [Yamux], Soon).AsTask());
        Assert.Equal(TransportError.IdentityMismatch, refused.Error);
        Assert.Equal(1, pair.Dialer.Sends);
        pair.Dialer.Abort();
        await Assert.ThrowsAsync<TransportException>(() => listening);
    }

    [Fact]
    public async Task A_listener_that_expects_a_peer_refuses_another()
    {
        using var left = PrivateKey.Generate();
        using var right = PrivateKey.Generate();
        var pair = new RawPair();
        using var dialer = new NoiseSecurity(left);
        using var listener = new NoiseSecurity(right);
        var listening = listener.SecureAsync(pair.Listener, ConnectionRole.Listener, right.PublicKey.PeerId, [], Soon).AsTask();
        await dialer.SecureAsync(pair.Dialer, ConnectionRole.Dialer, null, [], Soon);
        Assert.Equal(TransportError.IdentityMismatch, (await Assert.ThrowsAsync<TransportException>(() => listening)).Error);
    }

    /// <summary>Checklist item 2: a signature that is missing, of another static key, or by another identity.</summary>
    [Theory]
    [InlineData("missing signature")]
    [InlineData("missing key")]
    [InlineData("other static key")]
    [InlineData("other identity")]
    [InlineData("no domain")]
    [InlineData("trailing data")]
    [InlineData("malformed key")]
    public async Task A_peer_that_cannot_prove_its_identity_is_refused_by_either_side(string flaw)
    {
        foreach (var role in new[] { ConnectionRole.Dialer, ConnectionRole.Listener })
        {
            using var honest = PrivateKey.Generate();
            using var claimed = PrivateKey.Generate();
            var pair = new RawPair();
            using var security = new NoiseSecurity(honest);
            var (ours, theirs) = role == ConnectionRole.Dialer ? (pair.Dialer, pair.Listener) : (pair.Listener, pair.Dialer);
            var securing = security.SecureAsync(ours, role, null, [Yamux], Soon).AsTask();
            await ForgedPeer.RunAsync(theirs, role == ConnectionRole.Dialer ? ConnectionRole.Listener : ConnectionRole.Dialer, claimed, flaw);
            var refused = await Assert.ThrowsAsync<TransportException>(() => securing);
            Assert.Equal(TransportError.InvalidData, refused.Error);
        }
    }

    [Theory]
    [InlineData("/yamux/1.0.0 /mplex/6.7.0", "/mplex/6.7.0 /yamux/1.0.0", "/yamux/1.0.0")]
    [InlineData("/mplex/6.7.0 /yamux/1.0.0", "/yamux/1.0.0", "/yamux/1.0.0")]
    [InlineData("", "/yamux/1.0.0", null)]
    [InlineData("/yamux/1.0.0", "", null)]
    public async Task The_muxer_is_the_dialers_first_that_both_have(string dialer, string listener, string? agreed)
    {
        using var left = PrivateKey.Generate();
        using var right = PrivateKey.Generate();
        var (dialed, accepted) = await SecureAsync(new RawPair(), left, right, null, Ids(dialer), Ids(listener));
        Assert.Equal(agreed, dialed.EarlyMuxer?.Name);
        Assert.Equal(agreed, accepted.EarlyMuxer?.Name);
    }

    [Fact]
    public async Task Without_a_muxer_in_common_the_handshake_fails()
    {
        using var left = PrivateKey.Generate();
        using var right = PrivateKey.Generate();
        var pair = new RawPair();
        using var dialer = new NoiseSecurity(left);
        using var listener = new NoiseSecurity(right);
        var listening = listener.SecureAsync(pair.Listener, ConnectionRole.Listener, null, [Mplex], Soon).AsTask();
        var refused = await Assert.ThrowsAsync<TransportException>(
            () => dialer.SecureAsync(pair.Dialer, ConnectionRole.Dialer, null, [Yamux], Soon).AsTask());
        Assert.Equal(TransportError.ProtocolNotSupported, refused.Error);
        pair.Dialer.Abort();
        await Assert.ThrowsAsync<TransportException>(() => listening);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(0)]
    [InlineData(16 * 1024 + 1)]
    public async Task A_first_message_that_is_not_one_key_is_refused(int length)
    {
        using var key = PrivateKey.Generate();
        using var security = new NoiseSecurity(key);
        var pair = new RawPair();
        var listening = security.SecureAsync(pair.Listener, ConnectionRole.Listener, null, [Yamux], Soon).AsTask();
        var frame = new byte[2 + length];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)length);
        await pair.Dialer.SendAsync(frame, Soon);
        Assert.Equal(TransportError.ProtocolViolation, (await Assert.ThrowsAsync<TransportException>(() => listening)).Error);
    }

    /// <summary>RFC 7748, 6.1: the points of small order, which make every secret zero.</summary>
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    public async Task A_key_of_small_order_is_refused(string hex)
    {
        foreach (ICryptography cryptography in new ICryptography[] { NativeCryptography.Instance, ManagedCryptography.Instance })
        {
            using var key = PrivateKey.Generate();
            using var security = new NoiseSecurity(key, cryptography);
            var pair = new RawPair();
            var listening = security.SecureAsync(pair.Listener, ConnectionRole.Listener, null, [Yamux], Soon).AsTask();
            await pair.Dialer.SendAsync((byte[])[0, 32, .. Convert.FromHexString(hex)], Soon);
            Assert.Equal(TransportError.InvalidData, (await Assert.ThrowsAsync<TransportException>(() => listening)).Error);
            Assert.Equal(0, pair.Listener.Sends);
        }
    }

    [Fact]
    public async Task Every_changed_byte_of_the_handshake_makes_it_fail()
    {
        using var left = PrivateKey.Generate();
        using var right = PrivateKey.Generate();
        for (var position = 2; position < 200; position += 7)
        {
            foreach (var message in new[] { 0, 1, 2 })
            {
                var pair = new RawPair();
                var end = message == 1 ? pair.Listener : pair.Dialer;
                var skip = message == 2 ? 1 : 0;
                var position1 = message == 0 ? 2 + (position % 32) : position;
                end.Tamper = bytes =>
                {
                    if (skip-- == 0) bytes[Math.Min(position1, bytes.Length - 1)] ^= 1;
                };
                await Assert.ThrowsAsync<TransportException>(() => SecureAsync(pair, left, right, null));
            }
        }
    }

    [Fact]
    public async Task Data_that_rides_behind_the_third_message_is_kept_for_the_muxer()
    {
        using var left = PrivateKey.Generate();
        using var right = PrivateKey.Generate();
        var pair = new RawPair();
        pair.Dialer.Append = send => send == 2 ? [1, 2, 3] : [];
        var (_, listener) = await SecureAsync(pair, left, right, null);
        Assert.Equal([1, 2, 3], listener.Leftover.ToArray());
    }

    [Fact]
    public async Task Data_behind_the_second_message_is_refused()
    {
        using var left = PrivateKey.Generate();
        using var right = PrivateKey.Generate();
        var pair = new RawPair();
        pair.Listener.Append = send => send == 1 ? [1, 2, 3] : [];
        var refused = await Assert.ThrowsAsync<TransportException>(() => SecureAsync(pair, left, right, null));
        Assert.Equal(TransportError.ProtocolViolation, refused.Error);
    }

    private static ProtocolId[] Ids(string names) =>
        [.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => new ProtocolId(name))];

    /// <summary>Runs both ends; when one fails, the other one's connection is cut and the first error thrown.</summary>
    private static async Task<(SecuredConnection Dialer, SecuredConnection Listener)> SecureAsync(
        RawPair pair, PrivateKey left, PrivateKey right, PeerId? expected, ProtocolId[]? dialerMuxers = null, ProtocolId[]? listenerMuxers = null)
    {
        using var dialer = new NoiseSecurity(left);
        using var listener = new NoiseSecurity(right);
        var listening = listener.SecureAsync(pair.Listener, ConnectionRole.Listener, null, listenerMuxers ?? [Yamux], Soon).AsTask();
        var dialing = dialer.SecureAsync(pair.Dialer, ConnectionRole.Dialer, expected, dialerMuxers ?? [Yamux], Soon).AsTask();
        var first = await Task.WhenAny(listening, dialing);
        if (first.IsFaulted)
        {
            pair.Dialer.Abort();
            pair.Listener.Abort();
            await Task.WhenAll(listening.ContinueWith(_ => { }, TaskScheduler.Default), dialing.ContinueWith(_ => { }, TaskScheduler.Default));
            await first;
        }

        return (await dialing, await listening);
    }
}
