using Netabase.Transport.Connections;
using Netabase.Transport.Memory;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Yamux;

/// <summary>A peer that speaks frames by hand to one session, and so can break every rule.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private readonly MemoryConnection _raw;

    private RawPeer(MemoryConnection raw, IMuxedConnection session, BlockPool pool)
    {
        _raw = raw;
        Session = session;
        Pool = pool;
    }

    /// <summary>The session under test; the peer is the other role.</summary>
    internal IMuxedConnection Session { get; }

    internal BlockPool Pool { get; }

    internal static RawPeer Facing(
        ConnectionRole role, YamuxOptions? options = null, TimeProvider? time = null, int capacity = MemoryConnection.DefaultCapacity)
    {
        var (dialer, listener) = MemoryConnection.CreatePair(capacity);
        var (ours, theirs) = role == ConnectionRole.Dialer ? (dialer, listener) : (listener, dialer);
        var pool = new BlockPool();
        return new RawPeer(theirs, MuxedPair.Start(ours, role, options ?? new YamuxOptions(), time ?? TimeProvider.System, pool), pool);
    }

    internal async Task SendAsync(YamuxType type, YamuxFlags flags, uint stream, uint length, byte[]? payload = null)
    {
        var bytes = new byte[YamuxHeader.Size + (payload?.Length ?? 0)];
        new YamuxHeader(type, flags, stream, length).Write(bytes);
        payload?.CopyTo(bytes, YamuxHeader.Size);
        await SendBytesAsync(bytes);
    }

    internal Task SendDataAsync(YamuxFlags flags, uint stream, byte[] payload) =>
        SendAsync(YamuxType.Data, flags, stream, (uint)payload.Length, payload);

    internal async Task SendBytesAsync(byte[] bytes) => await _raw.SendAsync(bytes, InTime.Soon());

    /// <summary>The stream that the session accepts next.</summary>
    internal async Task<IMuxedStream> AcceptAsync() =>
        await Session.AcceptAsync(InTime.Soon()) ?? throw new InvalidOperationException("the session is over");

    /// <summary>The next frame that is not the session's own ping, with its payload; null at the end.</summary>
    internal async Task<(YamuxHeader Header, byte[] Payload)?> ReadAsync()
    {
        while (true)
        {
            if (await TakeAsync(YamuxHeader.Size) is not { } bytes)
                return null;
            Assert.True(YamuxHeader.TryRead(bytes, out var header));
            var payload = header.Type == YamuxType.Data && header.Length > 0 ? await TakeAsync((int)header.Length) : [];
            if (header is { Type: YamuxType.Ping, Flags: YamuxFlags.Syn })
                continue;
            return (header, payload!);
        }
    }

    /// <summary>The next header of whatever kind.</summary>
    internal async Task<YamuxHeader> ReadAnyAsync()
    {
        var bytes = await TakeAsync(YamuxHeader.Size);
        Assert.NotNull(bytes);
        Assert.True(YamuxHeader.TryRead(bytes, out var header));
        return header;
    }

    /// <summary>The next frame, which must be there.</summary>
    internal async Task<YamuxHeader> NextAsync()
    {
        var next = await ReadAsync();
        Assert.NotNull(next);
        return next.Value.Header;
    }

    /// <summary>The next frame that is more than an acknowledgement, which leaves by itself when nothing carries it in time.</summary>
    internal async Task<YamuxHeader> NextButAckAsync()
    {
        while (true)
        {
            var next = await NextAsync();
            if (next is not { Type: YamuxType.WindowUpdate, Flags: YamuxFlags.Ack, Length: 0 })
                return next;
        }
    }

    /// <summary>Reads frames up to the first of this type.</summary>
    internal async Task<YamuxHeader> NextAsync(YamuxType type)
    {
        while (true)
        {
            var next = await NextAsync();
            if (next.Type == type)
                return next;
        }
    }

    /// <summary>Holds that the session says goodbye with this code, and ends for this reason.</summary>
    internal async Task EndsAsync(GoAwayCode code, TransportError reason)
    {
        Assert.Equal(new YamuxHeader(YamuxType.GoAway, YamuxFlags.None, 0, (uint)code), await NextAsync(YamuxType.GoAway));
        var end = await Session.Ended.WaitAsync(InTime.Soon());
        Assert.Equal(reason, end.Error?.Error);
        await Session.DisposeAsync();
        Assert.Equal(0, Pool.Outstanding);
    }

    internal void Cut() => _raw.Abort();

    public async ValueTask DisposeAsync()
    {
        await _raw.DisposeAsync();
        await Session.DisposeAsync();
    }

    private async Task<byte[]?> TakeAsync(int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await _raw.ReceiveAsync(bytes.AsMemory(read), InTime.Soon());
            if (more == 0)
                return null;
            read += more;
        }

        return bytes;
    }
}
