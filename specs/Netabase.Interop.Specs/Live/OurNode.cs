using Netabase.Multiformats;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;
using Netabase.Transport.Noise;
using Netabase.Transport.Tcp;
using Netabase.Transport.Tls;
using Netabase.Transport.WebSocket;
using Netabase.Transport.Yamux;

namespace Netabase.Interop.Live;

/// <summary>Our node for one wire.</summary>
internal static class OurNode
{
    public static string ListenAddress(Wire wire) => wire == Wire.WebSocket ? "/ip4/127.0.0.1/tcp/0/ws" : "/ip4/127.0.0.1/tcp/0";

    /// <summary>The security protocol as <c>js/peer.js</c> calls it.</summary>
    public static string Security(Wire wire) => wire == Wire.TcpTls ? "tls" : "noise";

    public static Swarm Create(Wire wire) => Swarm.Create(Options(wire));

    public static PeerNetworkOptions Options(Wire wire)
    {
        var identity = PrivateKey.Generate();
        return new PeerNetworkOptions
        {
            Identity = identity,
            Transports = [new TcpTransport(), new WebSocketTransport()],
            Securities = [wire == Wire.TcpTls ? new TlsSecurity(identity) : new NoiseSecurity(identity)],
            Muxers = [new YamuxMuxer()],
            ListenAddresses = [Multiaddr.Parse(ListenAddress(wire))],
            AnswerPerf = true,
        };
    }
}
