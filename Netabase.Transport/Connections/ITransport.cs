using Netabase.Multiformats;

namespace Netabase.Transport.Connections;

/// <summary>Opens and accepts raw byte connections of one kind (TCP, WebSocket, memory): no security and no streams yet.</summary>
public interface ITransport
{
    /// <summary>Whether an address is of this transport's kind, judged by its protocols alone.</summary>
    bool CanDial(Multiaddr address);

    /// <summary>Whether this transport can listen on an address of that kind.</summary>
    bool CanListen(Multiaddr address);

    /// <summary>Opens a connection. Fails with a <see cref="TransportException"/> whose reason says why.</summary>
    ValueTask<IRawConnection> DialAsync(Multiaddr address, CancellationToken cancellation);

    /// <summary>Binds an address; port 0 asks for any free port, told in <see cref="IRawListener.Address"/>.</summary>
    ValueTask<IRawListener> ListenAsync(Multiaddr address, CancellationToken cancellation);
}

/// <summary>A bound address from which connections are accepted one by one; what waits unaccepted is bounded by the backlog.</summary>
public interface IRawListener : IAsyncDisposable
{
    /// <summary>The address that was bound, with its real port.</summary>
    Multiaddr Address { get; }

    /// <summary>The next connection, or null once the listener is closed.</summary>
    ValueTask<IRawConnection?> AcceptAsync(CancellationToken cancellation);
}

/// <summary>
/// A two-way byte pipe to one remote address. One reader and one writer at a time, each from its own loop; both may run
/// at once. What a send or a receive meets is told as <see cref="TransportException"/>.
/// </summary>
public interface IRawConnection : IAsyncDisposable
{
    /// <summary>Our end.</summary>
    Multiaddr LocalAddress { get; }

    /// <summary>The other end, as the operating system sees it.</summary>
    Multiaddr RemoteAddress { get; }

    /// <summary>
    /// Reads at least one byte, or 0 when the peer has closed its side. With an empty buffer it reads nothing, waits until
    /// there is something to read (or the end) and returns 0, so that an idle connection holds no buffer; a transport
    /// that cannot wait so may return at once.
    /// </summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>Writes every byte; back-pressure is the wait.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Cuts the connection at once, without a farewell; safe to call from any thread and more than once.</summary>
    void Abort();
}
