using System.Collections.Frozen;

namespace Netabase.Multiformats;

/// <summary>One row of multiformats' protocol table: a name, its code, and what kind of value follows it.</summary>
public sealed class MultiaddrProtocol
{
    /// <summary>IPv4 address.</summary>
    public static readonly MultiaddrProtocol Ip4 = new(4, "ip4", MultiaddrValueKind.Ip4);

    /// <summary>TCP port.</summary>
    public static readonly MultiaddrProtocol Tcp = new(6, "tcp", MultiaddrValueKind.Port);

    /// <summary>IPv6 address.</summary>
    public static readonly MultiaddrProtocol Ip6 = new(41, "ip6", MultiaddrValueKind.Ip6);

    /// <summary>Zone of the IPv6 address that follows.</summary>
    public static readonly MultiaddrProtocol Ip6Zone = new(42, "ip6zone", MultiaddrValueKind.Name);

    /// <summary>Prefix length of the address before it.</summary>
    public static readonly MultiaddrProtocol IpCidr = new(43, "ipcidr", MultiaddrValueKind.Octet);

    /// <summary>A host name with A or AAAA records.</summary>
    public static readonly MultiaddrProtocol Dns = new(53, "dns", MultiaddrValueKind.Name);

    /// <summary>A host name with A records.</summary>
    public static readonly MultiaddrProtocol Dns4 = new(54, "dns4", MultiaddrValueKind.Name);

    /// <summary>A host name with AAAA records.</summary>
    public static readonly MultiaddrProtocol Dns6 = new(55, "dns6", MultiaddrValueKind.Name);

    /// <summary>A name whose TXT records hold whole addresses.</summary>
    public static readonly MultiaddrProtocol DnsAddr = new(56, "dnsaddr", MultiaddrValueKind.Name);

    /// <summary>UDP port.</summary>
    public static readonly MultiaddrProtocol Udp = new(273, "udp", MultiaddrValueKind.Port);

    /// <summary>Circuit relay: what follows is reached through what stands before.</summary>
    public static readonly MultiaddrProtocol P2pCircuit = new(290, "p2p-circuit", MultiaddrValueKind.None);

    /// <summary>Path of a Unix domain socket; takes the rest of the text.</summary>
    public static readonly MultiaddrProtocol Unix = new(400, "unix", MultiaddrValueKind.Path);

    /// <summary>Peer id; <c>/ipfs</c> is read as the same.</summary>
    public static readonly MultiaddrProtocol P2p = new(421, "p2p", MultiaddrValueKind.Peer);

    /// <summary>TLS.</summary>
    public static readonly MultiaddrProtocol Tls = new(448, "tls", MultiaddrValueKind.None);

    /// <summary>TLS server name.</summary>
    public static readonly MultiaddrProtocol Sni = new(449, "sni", MultiaddrValueKind.Name);

    /// <summary>QUIC version 1.</summary>
    public static readonly MultiaddrProtocol QuicV1 = new(461, "quic-v1", MultiaddrValueKind.None);

    /// <summary>A certificate's multihash.</summary>
    public static readonly MultiaddrProtocol CertHash = new(466, "certhash", MultiaddrValueKind.Hash);

    /// <summary>WebSocket.</summary>
    public static readonly MultiaddrProtocol Ws = new(477, "ws", MultiaddrValueKind.None);

    /// <summary>WebSocket over TLS; the same as <c>/tls/ws</c>.</summary>
    public static readonly MultiaddrProtocol Wss = new(478, "wss", MultiaddrValueKind.None);

    /// <summary>An address inside this process.</summary>
    public static readonly MultiaddrProtocol Memory = new(777, "memory", MultiaddrValueKind.Name);

    /// <summary>Every protocol we know. An address with another one has no size for its value and is refused whole.</summary>
    public static readonly IReadOnlyList<MultiaddrProtocol> All =
    [
        Ip4, Tcp, Ip6, Ip6Zone, IpCidr, Dns, Dns4, Dns6, DnsAddr, Udp, P2pCircuit, Unix, P2p, Tls, Sni, QuicV1, CertHash, Ws, Wss, Memory,
        new(33, "dccp", MultiaddrValueKind.Port),
        new(132, "sctp", MultiaddrValueKind.Port),
        new(275, "p2p-webrtc-star", MultiaddrValueKind.None),
        new(276, "p2p-webrtc-direct", MultiaddrValueKind.None),
        new(277, "p2p-stardust", MultiaddrValueKind.None),
        new(280, "webrtc-direct", MultiaddrValueKind.None),
        new(281, "webrtc", MultiaddrValueKind.None),
        new(301, "udt", MultiaddrValueKind.None),
        new(302, "utp", MultiaddrValueKind.None),
        new(443, "https", MultiaddrValueKind.None),
        new(454, "noise", MultiaddrValueKind.None),
        new(460, "quic", MultiaddrValueKind.None),
        new(465, "webtransport", MultiaddrValueKind.None),
        new(479, "p2p-websocket-star", MultiaddrValueKind.None),
        new(480, "http", MultiaddrValueKind.None),
        new(7367777, "plaintextv2", MultiaddrValueKind.None),
    ];

    private static readonly FrozenDictionary<int, MultiaddrProtocol> ByCode = All.ToFrozenDictionary(p => p.Code);
    private static readonly FrozenDictionary<string, MultiaddrProtocol> ByName =
        All.Select(p => KeyValuePair.Create(p.Name, p)).Append(KeyValuePair.Create("ipfs", P2p)).ToFrozenDictionary(StringComparer.Ordinal);

    private readonly byte[] _codeBytes;

    private MultiaddrProtocol(int code, string name, MultiaddrValueKind kind)
    {
        Code = code;
        Name = name;
        Kind = kind;
        _codeBytes = new byte[UVarint.LengthOf((ulong)code)];
        UVarint.Write(_codeBytes, (ulong)code);
    }

    /// <summary>The number in the binary form.</summary>
    public int Code { get; }

    /// <summary>The name in the text form.</summary>
    public string Name { get; }

    /// <summary>Whether a value follows.</summary>
    public bool HasValue => Kind != MultiaddrValueKind.None;

    internal MultiaddrValueKind Kind { get; }

    internal ReadOnlySpan<byte> CodeBytes => _codeBytes;

    /// <summary>The protocol with a code, or null.</summary>
    public static MultiaddrProtocol? Find(int code) => ByCode.GetValueOrDefault(code);

    /// <summary>The protocol with a name (<c>ipfs</c> gives <c>p2p</c>), or null.</summary>
    public static MultiaddrProtocol? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>What kind of value stands behind a protocol code.</summary>
internal enum MultiaddrValueKind
{
    None,
    Ip4,
    Ip6,
    Port,
    Octet,
    Name,
    Path,
    Peer,
    Hash,
}
