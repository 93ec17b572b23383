using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Memory;

/// <summary>One end of a connection in memory. Closing lets the other end read what was sent; aborting loses it.</summary>
public sealed class MemoryConnection : IRawConnection
{
    /// <summary>Bytes that may be on their way in one direction before a sender waits, unless told otherwise.</summary>
    public const int DefaultCapacity = 256 * 1024;

    private readonly MemoryPipe _incoming;
    private readonly MemoryPipe _outgoing;
    private int _closed;

    private MemoryConnection(MemoryPipe incoming, MemoryPipe outgoing, Multiaddr local, Multiaddr remote)
    {
        _incoming = incoming;
        _outgoing = outgoing;
        LocalAddress = local;
        RemoteAddress = remote;
    }

    /// <inheritdoc/>
    public Multiaddr LocalAddress { get; }

    /// <inheritdoc/>
    public Multiaddr RemoteAddress { get; }

    /// <summary>Two connected ends: what one sends the other receives.</summary>
    /// <param name="capacity">Bytes that may be on their way in one direction, at least 1.</param>
    public static (MemoryConnection Dialer, MemoryConnection Listener) CreatePair(int capacity = DefaultCapacity) =>
        CreatePair(capacity, Multiaddr.Memory("0"), Multiaddr.Memory("0"));

    /// <inheritdoc/>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation) => _incoming.ReadAsync(buffer, cancellation);

    /// <inheritdoc/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => _outgoing.WriteAsync(bytes, cancellation);

    /// <inheritdoc/>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            Cut();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return ValueTask.CompletedTask;
        _outgoing.Finish();
        _incoming.Cut(new TransportException(TransportError.ConnectionClosed, "the connection was closed"));
        return ValueTask.CompletedTask;
    }

    internal static (MemoryConnection Dialer, MemoryConnection Listener) CreatePair(int capacity, Multiaddr dialer, Multiaddr listener)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        var there = new MemoryPipe(capacity);
        var back = new MemoryPipe(capacity);
        return (new MemoryConnection(back, there, dialer, listener), new MemoryConnection(there, back, listener, dialer));
    }

    private void Cut()
    {
        var reason = new TransportException(TransportError.ConnectionClosed, "the connection was cut");
        _outgoing.Cut(reason);
        _incoming.Cut(reason);
    }
}
