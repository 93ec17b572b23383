using System.Net;
using System.Net.Sockets;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Tcp;

/// <summary>
/// TCP: <c>/ip4/../tcp/..</c>, <c>/ip6/../tcp/..</c>, <c>/dns|dns4|dns6/../tcp/..</c>. A <c>/dnsaddr</c> is resolved before it comes here.
/// </summary>
public sealed class TcpTransport : ITransport
{
    private readonly TcpOptions _options;

    /// <summary>With its own options, or the defaults.</summary>
    public TcpTransport(TcpOptions? options = null) => _options = options ?? new TcpOptions();

    /// <inheritdoc/>
    public bool CanDial(Multiaddr address) => TcpAddress.Read(address) is { Rest.Count: 0, Port: > 0 };

    /// <inheritdoc/>
    public bool CanListen(Multiaddr address) => TcpAddress.Read(address) is { Rest.Count: 0, Ip: not null };

    /// <inheritdoc/>
    public async ValueTask<IRawConnection> DialAsync(Multiaddr address, CancellationToken cancellation)
    {
        if (!CanDial(address)) throw new TransportException(TransportError.AddressUnusable, $"{address} is no TCP address to dial.");
        return new TcpConnection(await ConnectAsync(TcpAddress.Read(address)!, cancellation).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public ValueTask<IRawListener> ListenAsync(Multiaddr address, CancellationToken cancellation)
    {
        if (!CanListen(address)) throw new TransportException(TransportError.AddressUnusable, $"{address} is no TCP address to listen on.");
        cancellation.ThrowIfCancellationRequested();
        return new ValueTask<IRawListener>(Listen(TcpAddress.Read(address)!));
    }

    /// <summary>Binds; shared with WebSocket, which listens on the same sockets.</summary>
    internal IRawListener Listen(TcpAddress address)
    {
        var socket = new Socket(address.Family, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // The runtime sets SO_REUSEADDR for TCP listeners itself: a port in TIME_WAIT can be bound again, one in use cannot.
            if (address.Family == AddressFamily.InterNetworkV6) socket.DualMode = _options.DualStack && address.Ip!.Equals(IPAddress.IPv6Any);
            socket.Bind(new IPEndPoint(address.Ip!, address.Port));
            socket.Listen(_options.Backlog);
            return new TcpListener(socket, TcpAddress.Of(socket.LocalEndPoint), _options.Time);
        }
        catch (Exception e) when (SocketErrors.IsOfNetwork(e))
        {
            socket.Dispose();
            throw SocketErrors.Translate(e, $"Cannot listen on {address.Ip} port {address.Port}");
        }
    }

    /// <summary>Connects to the address, or to the first of a name's addresses that answers.</summary>
    internal async ValueTask<Socket> ConnectAsync(TcpAddress address, CancellationToken cancellation)
    {
        var candidates = address.Ip is { } ip ? [ip] : await ResolveAsync(address, cancellation).ConfigureAwait(false);
        for (var i = 0; ; i++)
        {
            var last = i == candidates.Count - 1;
            using var deadline = new Deadline(last ? Timeout.InfiniteTimeSpan : _options.AddressPatience, _options.Time, cancellation);
            try
            {
                return await ConnectAsync(candidates[i], address.Port, deadline.Token).ConfigureAwait(false);
            }
            catch (TransportException) when (!last)
            {
                // The name has another address.
            }
            catch (OperationCanceledException) when (!last && deadline.HasPassed)
            {
                // This one took too long.
            }
        }
    }

    private static async ValueTask<Socket> ConnectAsync(IPAddress ip, int port, CancellationToken cancellation)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(ip, port), cancellation).ConfigureAwait(false);
            return socket;
        }
        catch (Exception e)
        {
            socket?.Dispose();
            if (!SocketErrors.IsOfNetwork(e)) throw;
            cancellation.ThrowIfCancellationRequested();
            throw SocketErrors.Translate(e, $"Cannot connect to {ip} port {port}");
        }
    }

    private async ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(TcpAddress address, CancellationToken cancellation)
    {
        IPAddress[] found;
        try
        {
            found = await Dns.GetHostAddressesAsync(address.Name!, address.Family, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new TransportException(TransportError.Unreachable, $"The name {address.Name} cannot be resolved.", e);
        }

        // IPv6 first, as the multiaddr specification prefers it; the resolver's order otherwise.
        var ordered = found.OrderByDescending(ip => ip.AddressFamily == AddressFamily.InterNetworkV6).Take(_options.MaxAddressesPerName).ToList();
        return ordered.Count > 0 ? ordered : throw new TransportException(TransportError.Unreachable, $"The name {address.Name} has no address.");
    }
}
