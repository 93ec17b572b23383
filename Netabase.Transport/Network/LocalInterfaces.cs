using System.Net;
using System.Net.NetworkInformation;
using Netabase.Multiformats;

namespace Netabase.Transport.Network;

/// <summary>Spells out "every interface": peers cannot dial <c>0.0.0.0</c>.</summary>
internal static class LocalInterfaces
{
    public static IEnumerable<Multiaddr> Expand(IEnumerable<Multiaddr> addresses) => addresses.SelectMany(Expand);

    private static IEnumerable<Multiaddr> Expand(Multiaddr address)
    {
        if (!AddressScope.IsUnspecified(address))
        {
            return [address];
        }

        var wanted = address.IpBytes.Length;
        return UnicastAddresses().Where(ip => ip.GetAddressBytes().Length == wanted).Select(ip => Replace(address, ip));
    }

    private static Multiaddr Replace(Multiaddr address, IPAddress ip)
    {
        var replaced = Multiaddr.FromIp(ip);
        foreach (var component in address.Components)
        {
            if (component.Protocol != MultiaddrProtocol.Ip4 && component.Protocol != MultiaddrProtocol.Ip6)
            {
                replaced = replaced.With(component.Protocol, component.Protocol.HasValue ? component.Text : null);
            }
        }

        return replaced;
    }

    /// <summary>Link-local IPv6 needs a zone that means nothing to others; it is left out.</summary>
    private static List<IPAddress> UnicastAddresses()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(nic => nic.OperationalStatus == OperationalStatus.Up)
                    .SelectMany(nic => nic.GetIPProperties().UnicastAddresses)
                    .Select(unicast => unicast.Address)
                    .Where(ip => !ip.IsIPv6LinkLocal),
            ];
        }
        catch (NetworkInformationException)
        {
            return [IPAddress.Loopback, IPAddress.IPv6Loopback];
        }
    }
}
