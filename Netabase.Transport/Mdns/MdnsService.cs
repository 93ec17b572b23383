using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Netabase.Multiformats;

namespace Netabase.Transport.Mdns;

/// <summary>
/// Finds peers on the local network and is found by them (libp2p/specs discovery/mdns.md): the sockets and the clock around
/// a pure conversation. It stands beside other mDNS responders of the machine.
/// </summary>
public sealed class MdnsService : IAsyncDisposable
{
    private readonly MdnsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MdnsState _state;
    private readonly Channel<MdnsEvent> _events;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<MdnsSocket> _sockets = [];
    private readonly List<Task> _receiving = [];
    private IReadOnlyList<LocalInterface> _interfaces = [];
    private ITimer? _timer;
    private long _startedAt;
    private TimeSpan _nextCheck;
    private bool _stopped;

    /// <summary>Nothing is sent and no socket opened before <see cref="StartAsync"/>.</summary>
    /// <param name="options">Service name, times and bounds.</param>
    /// <param name="ourAddresses">Where we listen now; asked at every answer, from any thread, and must not block.</param>
    /// <param name="self">Who we are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told what sockets refuse.</param>
    /// <exception cref="ArgumentException">An option that cannot work.</exception>
    public MdnsService(MdnsOptions options, Func<IReadOnlyList<Multiaddr>> ourAddresses, PeerId self, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(ourAddresses);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logger);
        options.Check();
        (_options, _time, _logger) = (options, time, logger);

        // The name means nothing and must not be the peer id (discovery/mdns.md); 40 characters are 206 bits.
        PeerName = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 40);
        _state = new MdnsState(options, self, PeerName, ourAddresses, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));
        _events = Channel.CreateBounded<MdnsEvent>(new BoundedChannelOptions(options.EventsMax) { FullMode = BoundedChannelFullMode.DropOldest });
    }

    /// <summary>Our random label, new for every instance.</summary>
    public string PeerName { get; }

    /// <summary>What was noticed, until the service stops. For one reader; one that is slow loses the oldest.</summary>
    public IAsyncEnumerable<MdnsEvent> Events(CancellationToken cancellation = default) => _events.Reader.ReadAllAsync(cancellation);

    /// <summary>Opens the sockets, asks, and answers from now on. Once only.</summary>
    /// <exception cref="TransportException">Neither IP version can be used (<see cref="TransportError.AddressUnusable"/>).</exception>
    public Task StartAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            if (_timer is not null) throw new InvalidOperationException("The mDNS service has been started already.");

            Open();
            _startedAt = _time.GetTimestamp();
            _timer = _time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            foreach (var socket in _sockets) _receiving.Add(ReceiveAsync(socket, _stopping.Token));
            Step(_state.Tick);
        }

        return Task.CompletedTask;
    }

    /// <summary>Says goodbye, closes the sockets and ends <see cref="Events"/>. When it returns nothing runs any more.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_stopped) return;
            _stopped = true;
            foreach (var effect in _state.Goodbye()) Do(effect);
        }

        if (_timer is not null) await _timer.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_receiving).ConfigureAwait(false);
        foreach (var socket in _sockets) socket.Dispose();
        _stopping.Dispose();
        _events.Writer.TryComplete();
    }

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    private void Open()
    {
        _interfaces = LocalInterface.All();
        var refusals = new List<Exception>();
        foreach (var family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
        {
            if (!(family == AddressFamily.InterNetwork ? _options.UseIPv4 : _options.UseIPv6)) continue;
            try
            {
                var socket = new MdnsSocket(family, _options.Port, _logger);
                socket.Refresh(_interfaces);
                _sockets.Add(socket);
            }
            catch (SocketException e)
            {
                MdnsLog.FamilyLeftOut(_logger, family, e.SocketErrorCode);
                refusals.Add(e);
            }
        }

        if (_sockets.Count == 0)
            throw new TransportException(TransportError.AddressUnusable, $"UDP port {_options.Port} cannot be shared for mDNS.", refusals[0]);
        _nextCheck = _options.InterfaceCheck;
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (_stopped) return;
            if (Now >= _nextCheck) CheckInterfaces();
            Step(_state.Tick);
        }
    }

    private void CheckInterfaces()
    {
        _nextCheck = Now + _options.InterfaceCheck;
        _interfaces = LocalInterface.All();
        var changed = false;
        foreach (var socket in _sockets) changed |= socket.Refresh(_interfaces);
        if (changed) _state.NetworkChanged(Now);
    }

    /// <summary>One step of the conversation, its effects, and the timer for the next; under the gate.</summary>
    private void Step(Func<TimeSpan, IEnumerable<MdnsEffect>> step)
    {
        foreach (var effect in step(Now)) Do(effect);
        var wake = _state.NextWake < _nextCheck ? _state.NextWake : _nextCheck;
        var wait = wake - Now;
        _timer!.Change(wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private void Do(MdnsEffect effect)
    {
        switch (effect)
        {
            case MdnsEffect.Multicast multicast:
                foreach (var socket in _sockets) socket.SendToGroup(multicast.Datagram);
                break;
            case MdnsEffect.Unicast unicast:
                foreach (var socket in _sockets) socket.SendTo(unicast.Datagram, unicast.To);
                break;
            case MdnsEffect.Tell tell:
                _events.Writer.TryWrite(tell.Event);
                break;
            default:
                break;
        }
    }

    /// <summary>One loop per socket; it ends by cancellation only, since a network that fails may come back.</summary>
    private async Task ReceiveAsync(MdnsSocket socket, CancellationToken cancellation)
    {
        var buffer = new byte[DnsMessage.MaxLength];
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
                if ((received.SocketFlags & SocketFlags.Truncated) == 0)
                    Received(buffer.AsSpan(0, received.ReceivedBytes), (IPEndPoint)received.RemoteEndPoint, received.PacketInformation.Address);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.MessageSize or SocketError.ConnectionReset)
            {
                // A datagram longer than any we read, or word that an answer of ours was not wanted.
                MdnsLog.DatagramPassedOver(_logger, e.SocketErrorCode);
            }
            catch (SocketException e)
            {
                MdnsLog.CannotReceive(_logger, e.SocketErrorCode);
                await PauseAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task PauseAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _time, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop's condition sees it.
        }
    }

    private void Received(ReadOnlySpan<byte> datagram, IPEndPoint from, IPAddress? sentTo)
    {
        lock (_gate)
        {
            if (_stopped) return;

            // What was sent to the group cannot have crossed a router; anything else must come from one of our subnets (RFC 6762, 11).
            var here = IPAddress.IsLoopback(from.Address) || _interfaces.Any(each => each.Owns(from.Address));
            if (!here && !IsMulticast(sentTo) && !_interfaces.Any(each => each.Reaches(from.Address))) return;

            var effects = _state.Receive(datagram, new MdnsSender(from, here), Now);
            Step(_ => effects);
        }
    }

    private static bool IsMulticast(IPAddress? address) =>
        address is not null && (address.IsIPv6Multicast || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is >= 224 and < 240));
}
