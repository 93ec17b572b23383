using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Memory;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Yamux;

/// <summary>Two sessions over one connection in memory, with a pool of their own that must be whole again at the end.</summary>
internal sealed class MuxedPair : IAsyncDisposable
{
    private static readonly PublicKey AnyKey = PrivateKey.Generate().PublicKey;

    private MuxedPair(IRawConnection dialer, IRawConnection listener, YamuxOptions? options, YamuxOptions? other, TimeProvider? time)
    {
        time ??= TimeProvider.System;
        Dialer = Start(dialer, ConnectionRole.Dialer, options ?? new YamuxOptions(), time, Pool);
        Listener = Start(listener, ConnectionRole.Listener, other ?? options ?? new YamuxOptions(), time, Pool);
    }

    internal BlockPool Pool { get; } = new();

    internal IMuxedConnection Dialer { get; }

    internal IMuxedConnection Listener { get; }

    internal static MuxedPair Create(
        YamuxOptions? options = null, YamuxOptions? other = null, TimeProvider? time = null, int capacity = MemoryConnection.DefaultCapacity)
    {
        var (dialer, listener) = MemoryConnection.CreatePair(capacity);
        return new MuxedPair(dialer, listener, options, other, time);
    }

    internal static MuxedPair Over(IRawConnection dialer, IRawConnection listener, YamuxOptions? options = null, TimeProvider? time = null) =>
        new(dialer, listener, options, null, time);

    internal static IMuxedConnection Start(IRawConnection raw, ConnectionRole role, YamuxOptions options, TimeProvider time, BlockPool pool) =>
        new YamuxMuxer(options, time, pool).Start(Secured(raw), role);

    internal static SecuredConnection Secured(IRawConnection raw) =>
        new(raw, PlainCodec.Instance, AnyKey, AnyKey.PeerId, new ProtocolId("/plaintext/2.0.0"), null, ReadOnlyMemory<byte>.Empty);

    /// <summary>A stream the dialer opened with one byte, and the listener's end of it with that byte read.</summary>
    internal async Task<(IMuxedStream Ours, IMuxedStream Theirs)> OpenAsync()
    {
        var ours = await Dialer.OpenAsync(InTime.Soon());
        await ours.WriteAsync(new byte[] { 42 }, InTime.Soon());
        var theirs = await Listener.AcceptAsync(InTime.Soon());
        Assert.NotNull(theirs);
        Assert.Equal([42], await theirs.ReadExactlyAsync(1));
        return (ours, theirs);
    }

    public async ValueTask DisposeAsync()
    {
        await Dialer.DisposeAsync();
        await Listener.DisposeAsync();
    }

    /// <summary>Ends both sides, and holds that every block and buffer has come back.</summary>
    internal async Task EndAndCountAsync()
    {
        await DisposeAsync();
        Assert.Equal(0, Pool.Outstanding);
    }
}

/// <summary>Specs wait for events, and no longer than this.</summary>
internal static class InTime
{
    internal static CancellationToken Soon(int seconds = 120) => new CancellationTokenSource(TimeSpan.FromSeconds(seconds)).Token;
}

/// <summary>What specs do with streams.</summary>
internal static class StreamReading
{
    internal static async Task<byte[]> ReadExactlyAsync(this IMuxedStream stream, int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await stream.ReadAsync(bytes.AsMemory(read), InTime.Soon());
            Assert.True(more > 0, $"the stream ended after {read} of {count} bytes");
            read += more;
        }

        return bytes;
    }

    internal static async Task<byte[]> ReadToEndAsync(this IMuxedStream stream, int bufferSize = 16 * 1024)
    {
        using var all = new MemoryStream();
        var buffer = new byte[bufferSize];
        while (await stream.ReadAsync(buffer, InTime.Soon()) is var count and > 0)
            all.Write(buffer, 0, count);
        return all.ToArray();
    }

    internal static byte[] Pattern(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    internal static async Task<TransportError> FailsAsync(Func<Task> action) =>
        (await Assert.ThrowsAsync<TransportException>(action)).Error;
}
