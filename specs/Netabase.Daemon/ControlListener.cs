using System.Net;
using System.Net.Sockets;
using Netabase.Multiformats;
using Netabase.Transport;
using Netabase.Transport.Network;

namespace Netabase.Daemon;

/// <summary>Accepts control clients and serves each in a task of its own, at most 256 at once.</summary>
internal sealed class ControlListener : IDisposable
{
    private const int MaxClients = 256;
    private readonly IPeerNetwork _network;
    private readonly IDaemonDht? _dht;
    private readonly Socket _listener;
    private readonly SemaphoreSlim _free = new(MaxClients);
    private readonly HashSet<Task> _serving = [];

    /// <summary>Binds an IP and TCP multiaddr; port 0 asks for any free port. Without a DHT its requests are refused.</summary>
    public ControlListener(IPeerNetwork network, IDaemonDht? dht, Multiaddr address)
    {
        if (!address.TryGetIpEndpoint(MultiaddrProtocol.Tcp, out var ip, out var port))
        {
            throw new ArgumentException($"{address} is no IP and TCP address.", nameof(address));
        }

        _network = network;
        _dht = dht;
        _listener = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(ip, port));
        _listener.Listen();
    }

    /// <summary>The bound address with its real port.</summary>
    public Multiaddr Address
    {
        get
        {
            var bound = (IPEndPoint)_listener.LocalEndPoint!;
            return Multiaddr.Tcp(bound.Address, bound.Port);
        }
    }

    /// <summary>Serves clients until cancelled, and returns when every one of them has been let go.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await _free.WaitAsync(cancellation);
                var socket = await _listener.AcceptAsync(cancellation);
                socket.NoDelay = true;
                _serving.RemoveWhere(task => task.IsCompleted);
                _serving.Add(ServeAsync(socket, cancellation));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(_serving);
        }
    }

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        _free.Dispose();
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellation)
    {
        await Task.Yield();
        using var client = new ControlChannel(socket);
        try
        {
            await new ControlSession(_network, _dht, client).RunAsync(cancellation);
        }
        catch (Exception error) when (error is
            SocketException or InvalidDataException or OperationCanceledException or TransportException or ObjectDisposedException)
        {
            await Console.Error.WriteLineAsync($"Control client: {error.Message}");
        }
        finally
        {
            _free.Release();
        }
    }
}
