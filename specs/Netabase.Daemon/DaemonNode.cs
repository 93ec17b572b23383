using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;
using Netabase.Transport.Noise;
using Netabase.Transport.Specs.Upgrade;
using Netabase.Transport.Tcp;
using Netabase.Transport.Tls;
using Netabase.Transport.Yamux;

namespace Netabase.Daemon;

/// <summary>The node that the daemon drives.</summary>
internal static class DaemonNode
{
    /// <summary>Puts it together as the flags say; it is not started yet.</summary>
    /// <exception cref="TransportException">The key file holds no key.</exception>
    public static Swarm Create(DaemonOptions options) => Create(options, options.IdentityFile is { } file
        ? PrivateKey.Decode(File.ReadAllBytes(file))
        : PrivateKey.Generate());

    /// <summary>The same under a key that is there already.</summary>
    public static Swarm Create(DaemonOptions options, PrivateKey identity) => Swarm.Create(new PeerNetworkOptions
    {
        Identity = identity,
        Transports = [new TcpTransport()],
        Securities = [.. options.Securities.Select(name => Security(name, identity))],
        Muxers = [new YamuxMuxer()],
        ListenAddresses = options.Listen,
    });

    private static ISecurityProtocol Security(string name, PrivateKey identity) => name switch
    {
        "tls" => new TlsSecurity(identity),
        "plaintext" => new PlaintextSecurity(identity.PublicKey),
        _ => new NoiseSecurity(identity),
    };
}
