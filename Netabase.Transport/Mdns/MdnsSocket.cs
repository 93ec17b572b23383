using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Netabase.Transport.Mdns;

/// <summary>
/// One UDP socket on the mDNS port for one IP version, joined to the group on every interface that has an address of that
/// version. The port is shared with every other responder of the machine. Sending and refreshing are not thread-safe.
/// </summary>
internal sealed class MdnsSocket : IDisposable
{
    private readonly AddressFamily _family;
    private readonly IPEndPoint _group;
    private readonly Socket _socket;
    private readonly ILogger _logger;
    private readonly Dictionary<int, int> _joined = [];

    /// <exception cref="SocketException">The port cannot be bound, or the IP version is not there.</exception>
    public MdnsSocket(AddressFamily family, int port, ILogger logger)
    {
        (_family, _logger) = (family, logger);
        _group = new IPEndPoint(IPAddress.Parse(family == AddressFamily.InterNetwork ? "224.0.0.251" : "ff02::fb"), port);
        _socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            Share(_socket);
            if (family == AddressFamily.InterNetworkV6) _socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.IPv6Only, true);
            _socket.SetSocketOption(Level, SocketOptionName.PacketInformation, true);
            _socket.SetSocketOption(Level, SocketOptionName.MulticastTimeToLive, 255);
            _socket.SetSocketOption(Level, SocketOptionName.MulticastLoopback, true);
            _socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, port));
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    private SocketOptionLevel Level => _family == AddressFamily.InterNetwork ? SocketOptionLevel.IP : SocketOptionLevel.IPv6;

    /// <summary>Joins on interfaces that are new and forgets those that are gone; true when any has joined.</summary>
    public bool Refresh(IReadOnlyList<LocalInterface> interfaces)
    {
        var present = interfaces.Where(each => each.Has(_family) && each.Index(_family) > 0).ToDictionary(each => each.Index(_family), each => each.Sender(_family));
        foreach (var gone in _joined.Keys.Except(present.Keys).ToList()) _joined.Remove(gone);
        var before = _joined.Count;
        foreach (var (index, sender) in present.Where(each => !_joined.ContainsKey(each.Key)))
        {
            try
            {
                if (_family == AddressFamily.InterNetwork)
                    _socket.SetSocketOption(Level, SocketOptionName.AddMembership, new MulticastOption(_group.Address, index));
                else
                    _socket.SetSocketOption(Level, SocketOptionName.AddMembership, new IPv6MulticastOption(_group.Address, index));
                _joined[index] = sender;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
                // It was gone for a moment and the membership survived.
                _joined[index] = sender;
            }
            catch (SocketException e)
            {
                MdnsLog.CannotJoin(_logger, _group.Address, index, e.SocketErrorCode);
            }
        }

        return _joined.Count > before;
    }

    /// <summary>Sends to the group on every interface that has joined; one that refuses does not keep the others waiting.</summary>
    public void SendToGroup(ReadOnlySpan<byte> datagram)
    {
        foreach (var (index, sender) in _joined)
        {
            try
            {
                _socket.SetSocketOption(Level, SocketOptionName.MulticastInterface, sender);
                _socket.SendTo(datagram, SocketFlags.None, _group);
            }
            catch (SocketException e)
            {
                MdnsLog.CannotSend(_logger, index, e.SocketErrorCode);
            }
        }
    }

    /// <summary>Sends to one who asked, when it is of this IP version.</summary>
    public void SendTo(ReadOnlySpan<byte> datagram, IPEndPoint to)
    {
        if (to.AddressFamily != _family) return;
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, to);
        }
        catch (SocketException e)
        {
            MdnsLog.CannotAnswer(_logger, to, e.SocketErrorCode);
        }
    }

    /// <summary>The next datagram; its packet information says where it was sent to.</summary>
    public ValueTask<SocketReceiveMessageFromResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation) =>
        _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, new IPEndPoint(_family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0), cancellation);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>
    /// Some responders set only one of SO_REUSEADDR and SO_REUSEPORT; where both exist both are needed to stand beside all of
    /// them, and .NET's option sets either one or the other by platform.
    /// </summary>
    private static void Share(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        ReadOnlySpan<byte> on = [1, 0, 0, 0];
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(1, 2, on);
            socket.SetRawSocketOption(1, 15, on);
        }
        else if (OperatingSystem.IsMacOS() || OperatingSystem.IsFreeBSD())
        {
            socket.SetRawSocketOption(0xffff, 0x0004, on);
            socket.SetRawSocketOption(0xffff, 0x0200, on);
        }
    }
}

/// <summary>An interface that is up, with its addresses.</summary>
internal sealed class LocalInterface
{
    private readonly List<UnicastIPAddressInformation> _addresses;
    private readonly int _index4;
    private readonly int _index6;

    private LocalInterface(NetworkInterface found)
    {
        var properties = found.GetIPProperties();
        _addresses = [.. properties.UnicastAddresses];
        _index4 = found.Supports(NetworkInterfaceComponent.IPv4) ? properties.GetIPv4Properties().Index : 0;
        _index6 = found.Supports(NetworkInterfaceComponent.IPv6) ? properties.GetIPv6Properties().Index : 0;
    }

    /// <summary>Every interface that is up; the loopback one says neither that it is up nor that it can multicast, and can.</summary>
    public static IReadOnlyList<LocalInterface> All()
    {
        var found = new List<LocalInterface>();
        foreach (var each in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (each.OperationalStatus != OperationalStatus.Up && each.NetworkInterfaceType != NetworkInterfaceType.Loopback) continue;
            try
            {
                found.Add(new LocalInterface(each));
            }
            catch (NetworkInformationException)
            {
                // It went away while we looked at it.
            }
        }

        return found;
    }

    /// <summary>Whether it has an address of an IP version.</summary>
    public bool Has(AddressFamily family) => _addresses.Any(each => each.Address.AddressFamily == family);

    /// <summary>Its number for an IP version; 0 when it has none.</summary>
    public int Index(AddressFamily family) => family == AddressFamily.InterNetwork ? _index4 : _index6;

    /// <summary>
    /// What the option for sending by this interface takes: its index in IPv6, and in IPv4 one of its addresses, since by index
    /// Linux would send from 0.0.0.0 on the loopback interface.
    /// </summary>
    public int Sender(AddressFamily family) =>
        family == AddressFamily.InterNetwork
            ? BitConverter.ToInt32(_addresses.First(each => each.Address.AddressFamily == family).Address.GetAddressBytes())
            : _index6;

    /// <summary>Whether an address is its own.</summary>
    public bool Owns(IPAddress address) => _addresses.Any(each => SameBytes(each.Address, address));

    /// <summary>Whether an address is on one of its subnets.</summary>
    public bool Reaches(IPAddress address) =>
        _addresses.Any(each => each.Address.AddressFamily == address.AddressFamily && SharePrefix(each.Address, address, each.PrefixLength));

    private static bool SameBytes(IPAddress one, IPAddress two) => one.GetAddressBytes().AsSpan().SequenceEqual(two.GetAddressBytes());

    private static bool SharePrefix(IPAddress one, IPAddress two, int prefix)
    {
        var (a, b) = (one.GetAddressBytes(), two.GetAddressBytes());
        var whole = prefix / 8;
        if (prefix <= 0 || prefix > a.Length * 8 || !a.AsSpan(0, whole).SequenceEqual(b.AsSpan(0, whole))) return false;
        return prefix % 8 == 0 || (a[whole] ^ b[whole]) >> (8 - (prefix % 8)) == 0;
    }
}
