using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Specs.Upgrade;

/// <summary>
/// No security at all, for tests against other implementations (libp2p plaintext, <c>/plaintext/2.0.0</c>): both ends say who they are and
/// are believed. It lives among the specs so that no program can turn it on.
/// </summary>
public sealed class PlaintextSecurity(PublicKey identity) : ISecurityProtocol
{
    /// <summary>The longest <c>Exchange</c> message that is read.</summary>
    public const int MaxExchange = 64 * 1024;

    public ProtocolId Id => new("/plaintext/2.0.0");

    public async ValueTask<SecuredConnection> SecureAsync(
        IRawConnection raw, ConnectionRole role, PeerId? expected, IReadOnlyList<ProtocolId> muxers, CancellationToken cancellation)
    {
        await raw.SendAsync(Exchange(identity), cancellation);
        var received = new List<byte>();
        while (true)
        {
            if (TryRead(received.ToArray(), out var remote, out var consumed))
            {
                if (expected is { } peer && peer != remote.PeerId)
                    throw new TransportException(TransportError.IdentityMismatch, $"Expected {peer}, but {remote.PeerId} answered.");
                return new SecuredConnection(raw, PlainCodec.Instance, remote, remote.PeerId, Id, null, received.Skip(consumed).ToArray());
            }

            var buffer = new byte[1024];
            var read = await raw.ReceiveAsync(buffer, cancellation);
            if (read == 0) throw new TransportException(TransportError.ConnectionClosed, "The peer closed the connection.");
            received.AddRange(buffer.AsSpan(0, read));
        }
    }

    private static byte[] Exchange(PublicKey key)
    {
        byte[] message = [0x0a, (byte)key.PeerId.Multihash.Length, .. key.PeerId.Multihash.Span, 0x12, .. Varint(key.Encoded.Length), .. key.Encoded.Span];
        return [.. Varint(message.Length), .. message];
    }

    private static bool TryRead(ReadOnlySpan<byte> received, out PublicKey remote, out int consumed)
    {
        remote = null!;
        consumed = 0;
        var status = UVarint.TryRead(received, out var length, out var prefix);
        if (status == UVarintStatus.Incomplete) return false;
        if (status != UVarintStatus.Ok || length > MaxExchange) throw Malformed();
        consumed = prefix + (int)length;
        if (received.Length < consumed) return false;

        PeerId? named = null;
        PublicKey? key = null;
        for (var rest = received[prefix..consumed]; !rest.IsEmpty;)
        {
            var field = rest[0] >> 3;
            if ((rest[0] & 7) != 2 || UVarint.TryRead(rest[1..], out var size, out var sizeLength) != UVarintStatus.Ok) throw Malformed();
            rest = rest[(1 + sizeLength)..];
            if (size > (ulong)rest.Length) throw Malformed();
            var value = rest[..(int)size];
            rest = rest[(int)size..];
            if (field == 1 && PeerId.TryFromBytes(value, out var id)) named = id;
            if (field == 2 && PublicKey.TryDecode(value, out var decoded)) key = decoded;
        }

        remote = key ?? throw Malformed();
        return named == remote.PeerId ? true : throw Malformed();
    }

    private static byte[] Varint(int value)
    {
        var bytes = new byte[UVarint.LengthOf((ulong)value)];
        UVarint.Write(bytes, (ulong)value);
        return bytes;
    }

    private static TransportException Malformed() => new(TransportError.InvalidData, "plaintext: the exchange is malformed.");
}
