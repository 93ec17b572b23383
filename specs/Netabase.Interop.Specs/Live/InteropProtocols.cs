using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Netabase.Transport;
using Netabase.Transport.Connections;
using Netabase.Transport.Network;

namespace Netabase.Interop.Live;

/// <summary>Our side of the protocols of <c>js/protocols.js</c>.</summary>
internal sealed class InteropProtocols
{
    public static readonly ProtocolId Echo = new("/netabase-interop/echo/1.0.0");
    public static readonly ProtocolId Sink = new("/netabase-interop/sink/1.0.0");
    public static readonly ProtocolId Source = new("/netabase-interop/source/1.0.0");
    public static readonly ProtocolId HalfClose = new("/netabase-interop/half-close/1.0.0");
    public static readonly ProtocolId Reset = new("/netabase-interop/reset/1.0.0");
    public static readonly ProtocolId Hold = new("/netabase-interop/hold/1.0.0");

    private static readonly StreamLimits Plenty = new(4096, 4096);

    // Not a power of two, so that frames that swap places change the checksum.
    private static readonly byte[] Block = RandomNumberGenerator.GetBytes((1024 * 1024) + 7);

    private readonly TaskCompletionSource<string> _halfClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TransportError> _reset = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What a peer said on a half-closed stream, once it has closed its side too.</summary>
    public Task<string> HalfClosed => _halfClosed.Task;

    /// <summary>How a stream ended that the peer reset.</summary>
    public Task<TransportError> WasReset => _reset.Task;

    /// <summary>Answers every one of them.</summary>
    public void Answer(IPeerNetwork network)
    {
        network.Handle(Echo, EchoAsync, Plenty);
        network.Handle(Sink, async (stream, stop) => await stream.WriteAsync(await DigestAsync(stream, stop), stop));
        network.Handle(Source, SourceAsync);
        network.Handle(HalfClose, HalfCloseAsync);
        network.Handle(Reset, ResetAsync);
        network.Handle(Hold, HoldAsync);
    }

    /// <summary>Sends some bytes, closes our side, and requires the same bytes back.</summary>
    public static async Task RoundTripAsync(IPeerStream stream, int bytes, CancellationToken stop)
    {
        var sent = RandomNumberGenerator.GetBytes(bytes);
        var reading = ReadToEndAsync(stream, stop);
        await stream.WriteAsync(sent, stop);
        await stream.CloseWriteAsync(stop);
        Assert.Equal(sent, await reading);
    }

    /// <summary>Sends so many bytes to a sink; both checksums.</summary>
    public static async Task<(byte[] Sent, byte[] Received)> UploadAsync(IPeerStream stream, int bytes, CancellationToken stop)
    {
        var reading = ReadToEndAsync(stream, stop);
        var sent = await PourAsync(stream, bytes, stop);
        await stream.CloseWriteAsync(stop);
        return (sent, await reading);
    }

    /// <summary>Asks a source for so many bytes; both checksums.</summary>
    public static async Task<(byte[] Sent, byte[] Received)> DownloadAsync(IPeerStream stream, int bytes, CancellationToken stop)
    {
        var request = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(request, (ulong)bytes);
        await stream.WriteAsync(request, stop);
        await stream.CloseWriteAsync(stop);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[256 * 1024];
        var left = bytes;
        while (left > 0)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, left)), stop);
            Assert.True(count > 0, $"The source ended {left} bytes early.");
            hash.AppendData(buffer, 0, count);
            left -= count;
        }

        return (await ReadToEndAsync(stream, stop), hash.GetHashAndReset());
    }

    /// <summary>Everything up to the peer's end.</summary>
    public static async Task<byte[]> ReadToEndAsync(IPeerStream stream, CancellationToken stop)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer, stop) is var count and > 0)
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    private static async Task EchoAsync(IPeerStream stream, CancellationToken stop)
    {
        var buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer, stop) is var count and > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count), stop);
        }
    }

    private static async Task<byte[]> DigestAsync(IPeerStream stream, CancellationToken stop)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[256 * 1024];
        while (await stream.ReadAsync(buffer, stop) is var count and > 0)
        {
            hash.AppendData(buffer, 0, count);
        }

        return hash.GetHashAndReset();
    }

    private static async Task<byte[]> PourAsync(IPeerStream stream, int bytes, CancellationToken stop)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var sent = 0; sent < bytes;)
        {
            var at = sent % Block.Length;
            var chunk = Block.AsMemory(at, Math.Min(Math.Min(64 * 1024, Block.Length - at), bytes - sent));
            hash.AppendData(chunk.Span);
            await stream.WriteAsync(chunk, stop);
            sent += chunk.Length;
        }

        return hash.GetHashAndReset();
    }

    private static async Task SourceAsync(IPeerStream stream, CancellationToken stop)
    {
        var request = await ReadToEndAsync(stream, stop);
        var bytes = checked((int)BinaryPrimitives.ReadUInt64BigEndian(request));
        await stream.WriteAsync(await PourAsync(stream, bytes, stop), stop);
    }

    /// <summary>Closes our side after the first word and hears the peer out.</summary>
    private async Task HalfCloseAsync(IPeerStream stream, CancellationToken stop)
    {
        var buffer = new byte[1024];
        var first = await stream.ReadAsync(buffer, stop);
        await stream.WriteAsync("I have said what I had to say"u8.ToArray(), stop);
        await stream.CloseWriteAsync(stop);
        var rest = await ReadToEndAsync(stream, stop);
        _halfClosed.TrySetResult(Encoding.UTF8.GetString(buffer, 0, first) + Encoding.UTF8.GetString(rest));
    }

    private static async Task ResetAsync(IPeerStream stream, CancellationToken stop)
    {
        await stream.ReadAsync(new byte[16], stop);
        stream.Reset();
    }

    private async Task HoldAsync(IPeerStream stream, CancellationToken stop)
    {
        try
        {
            await stream.ReadAsync(new byte[16], stop);
            await stream.WriteAsync("held"u8.ToArray(), stop);
            await ReadToEndAsync(stream, stop);
        }
        catch (TransportException ended)
        {
            _reset.TrySetResult(ended.Error);
            throw;
        }
    }
}
