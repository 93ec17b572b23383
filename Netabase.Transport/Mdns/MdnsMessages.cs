using System.Collections.Immutable;
using System.Text;
using Netabase.Multiformats;

namespace Netabase.Transport.Mdns;

/// <summary>What of a service is asked for; each kind is answered for itself.</summary>
internal enum MdnsTopic
{
    /// <summary>Who offers it: PTR of the service name.</summary>
    Service,

    /// <summary>What we said there about ourselves: TXT of our name below it.</summary>
    Instance,

    /// <summary>Which services there are at all (DNS-SD's meta query).</summary>
    Meta,
}

/// <summary>The messages of libp2p's mDNS (discovery/mdns.md), made and understood.</summary>
internal sealed class MdnsMessages
{
    /// <summary>The most bytes of TXT strings in one datagram, so that it fits into an Ethernet frame with all else it holds.</summary>
    private const int StringsMax = 900;

    /// <summary>Seconds that a legacy asker may keep an answer (RFC 6762, 6.7).</summary>
    private const uint LegacyTimeToLive = 10;

    private const int AddressesMax = 32;
    private const string Attribute = "dnsaddr=";

    private static readonly DnsName Meta = new("_services._dns-sd._udp.local");

    private readonly PeerId _self;
    private readonly DnsName _service;
    private readonly DnsName _instance;
    private readonly uint _timeToLive;

    public MdnsMessages(MdnsOptions options, PeerId self, string peerName)
    {
        _self = self;
        _service = new DnsName(options.ServiceName);
        _instance = _service.Below(peerName);
        _timeToLive = (uint)options.TimeToLive.TotalSeconds;
    }

    public byte[] Query() => new DnsMessage(0, false, [new DnsQuestion(_service, DnsType.Ptr)], [], []).ToBytes();

    public MdnsTopic? TopicOf(DnsQuestion question) => question switch
    {
        { Type: DnsType.Ptr or DnsType.Any } when question.Name == _service => MdnsTopic.Service,
        { Type: DnsType.Txt or DnsType.Any } when question.Name == _instance => MdnsTopic.Instance,
        { Type: DnsType.Ptr or DnsType.Any } when question.Name == Meta => MdnsTopic.Meta,
        _ => null,
    };

    /// <summary>The datagrams that answer; none when there is nothing to say.</summary>
    public IEnumerable<byte[]> Answers(MdnsTopic topic, IReadOnlyList<Multiaddr> ours) => Answers(topic, ours, _timeToLive, 0, []);

    /// <summary>The datagrams for one who asked from another port: id and question repeated, nothing kept for long.</summary>
    public IEnumerable<byte[]> LegacyAnswers(MdnsTopic topic, IReadOnlyList<Multiaddr> ours, ushort id, DnsQuestion question) =>
        Answers(topic, ours, Math.Min(_timeToLive, LegacyTimeToLive), id, [question]);

    /// <summary>The datagrams that take back what we said.</summary>
    public IEnumerable<byte[]> Goodbyes(IReadOnlyList<Multiaddr> ours) => Answers(MdnsTopic.Service, ours, 0, 0, []);

    /// <summary>The addresses a message tells, each leading to its peer; ours, and those that are malformed or of no use to us, are passed over.</summary>
    public IEnumerable<(Multiaddr Address, uint TimeToLive)> AddressesIn(DnsMessage message, bool fromThisMachine)
    {
        foreach (var record in message.Answers.Concat(message.Additional))
        {
            if (record is not DnsRecord.Txt txt || !txt.Name.IsBelow(_service)) continue;
            foreach (var text in txt.Strings)
            {
                if (!text.Span.StartsWith("dnsaddr="u8) || !Multiaddr.TryParse(Encoding.UTF8.GetString(text.Span[Attribute.Length..]), out var address)) continue;
                if (address.Peer is not { } peer || peer == _self || !IsReachable(address)) continue;
                if (IsLoopback(address) && !fromThisMachine) continue;
                yield return (address, txt.TimeToLive);
            }
        }
    }

    private IEnumerable<byte[]> Answers(MdnsTopic topic, IReadOnlyList<Multiaddr> ours, uint timeToLive, ushort id, ImmutableArray<DnsQuestion> asked)
    {
        if (topic == MdnsTopic.Meta)
        {
            yield return new DnsMessage(id, true, asked, [new DnsRecord.Ptr(Meta, timeToLive, _service)], []).ToBytes();
            yield break;
        }

        foreach (var strings in Strings(ours))
        {
            ImmutableArray<DnsRecord> text = [new DnsRecord.Txt(_instance, timeToLive, strings)];
            ImmutableArray<DnsRecord> pointer = [new DnsRecord.Ptr(_service, timeToLive, _instance)];
            yield return topic == MdnsTopic.Service
                ? new DnsMessage(id, true, asked, pointer, text).ToBytes()
                : new DnsMessage(id, true, asked, text, []).ToBytes();
        }
    }

    /// <summary>
    /// What we announce, in portions. Loopback only when there is nothing else: others on this machine reach us by the rest too.
    /// </summary>
    private IEnumerable<ImmutableArray<Payload>> Strings(IReadOnlyList<Multiaddr> ours)
    {
        var usable = ours.Where(address => !address.IsEmpty && IsReachable(address)).ToList();
        var others = usable.Where(address => !IsLoopback(address)).ToList();
        var portion = ImmutableArray.CreateBuilder<Payload>();
        var size = 0;
        foreach (var address in (others.Count > 0 ? others : usable).Take(AddressesMax))
        {
            var text = new Payload(Encoding.UTF8.GetBytes(Attribute + address.WithPeer(_self)));
            if (text.Length > byte.MaxValue) continue;
            if (size + text.Length > StringsMax)
            {
                yield return portion.ToImmutable();
                portion.Clear();
                size = 0;
            }

            portion.Add(text);
            size += text.Length + 1;
        }

        if (portion.Count > 0) yield return portion.ToImmutable();
    }

    /// <summary>An address that means the same on another machine: not memory, not a file, no zone, not "any".</summary>
    private static bool IsReachable(Multiaddr address)
    {
        if (address.TryGetDnsName(out _, out _)) return true;
        var first = address.Components.First().Protocol;
        return (first == MultiaddrProtocol.Ip4 || first == MultiaddrProtocol.Ip6) && address.IpBytes.Span.ContainsAnyExcept((byte)0);
    }

    private static bool IsLoopback(Multiaddr address) => address.IpBytes.Span switch
    {
        [127, _, _, _] => true,
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] => true,
        _ => false,
    };
}
