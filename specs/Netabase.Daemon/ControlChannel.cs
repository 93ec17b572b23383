using System.Net.Sockets;
using Google.Protobuf;
using Netabase.Multiformats;

namespace Netabase.Daemon;

/// <summary>
/// A TCP connection to a control client: length-prefixed messages at first, raw bytes once a stream has been handed over.
/// One reader and one writer at a time.
/// </summary>
internal sealed class ControlChannel(Socket socket) : IDisposable
{
    /// <summary>The most bytes of one message (go-libp2p-daemon, <c>MessageSizeMax</c>).</summary>
    public const int MaxMessage = 1 << 22;

    private readonly byte[] _received = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next message, or null when the client has closed its side between two messages.</summary>
    /// <exception cref="InvalidDataException">It is too long, cut off, or no such message.</exception>
    public async ValueTask<T?> ReadMessageAsync<T>(MessageParser<T> parser, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        if (await ReadLengthAsync(cancellation) is not { } length)
        {
            return null;
        }

        var message = new byte[length];
        for (var at = 0; at < length;)
        {
            var count = await ReadAsync(message.AsMemory(at), cancellation);
            at += count > 0 ? count : throw new InvalidDataException("The message is cut off.");
        }

        try
        {
            return parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw new InvalidDataException(malformed.Message, malformed);
        }
    }

    /// <summary>Writes a message with its length.</summary>
    public async ValueTask WriteMessageAsync(IMessage message, CancellationToken cancellation)
    {
        var size = message.CalculateSize();
        var bytes = new byte[UVarint.LengthOf((ulong)size) + size];
        var prefix = UVarint.Write(bytes, (ulong)size);
        message.WriteTo(bytes.AsSpan(prefix));
        await WriteAsync(bytes, cancellation);
    }

    /// <summary>Reads at least one byte, or 0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (_start == _end)
        {
            return await socket.ReceiveAsync(buffer, cancellation);
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _received.AsMemory(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    /// <summary>Writes every byte.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, cancellation)..];
        }
    }

    /// <summary>Ends our side; the client may go on sending.</summary>
    public void CloseWrite() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes the connection.</summary>
    public void Dispose() => socket.Dispose();

    private async ValueTask<int?> ReadLengthAsync(CancellationToken cancellation)
    {
        while (true)
        {
            switch (UVarint.TryRead(_received.AsSpan(_start, _end - _start), out var length, out var consumed))
            {
                case UVarintStatus.Ok when length <= MaxMessage:
                    _start += consumed;
                    return (int)length;
                case UVarintStatus.Incomplete:
                    break;
                default:
                    throw new InvalidDataException("The message's length is malformed or above 4 MiB.");
            }

            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            (_start, _end) = (0, _end - _start);
            var count = await socket.ReceiveAsync(_received.AsMemory(_end), cancellation);
            if (count == 0)
            {
                return _end == 0 ? null : throw new InvalidDataException("The message's length is cut off.");
            }

            _end += count;
        }
    }
}
