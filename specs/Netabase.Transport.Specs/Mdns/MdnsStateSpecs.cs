using System.Collections.Immutable;
using System.Net;
using System.Text;
using Netabase.Multiformats;
using Netabase.Transport.Keys;
using Netabase.Transport.Mdns;
using Xunit.Abstractions;

namespace Netabase.Transport.Specs.Mdns;

/// <summary>libp2p/specs discovery/mdns.md and RFC 6762, without a socket: datagrams and the time come in, effects come out.</summary>
public sealed class MdnsStateSpecs(ITestOutputHelper output)
{
    private static readonly DnsName Service = new(MdnsOptions.DefaultServiceName);
    private static readonly MdnsSender Neighbour = new(new IPEndPoint(IPAddress.Parse("192.0.2.9"), 5353), false);
    private static readonly MdnsSender Machine = new(new IPEndPoint(IPAddress.Loopback, 5353), true);
    private static readonly PeerId Self = NewPeer();
    private static readonly Multiaddr Ours = Multiaddr.Parse("/ip4/192.0.2.1/tcp/4001");

    private readonly MdnsOptions _options = new() { PeersMax = 3, AddressesPerPeerMax = 2 };

    [Fact]
    public void It_asks_at_once_then_after_1_and_3_seconds_then_every_interval()
    {
        var state = NewState();
        var asked = new List<double>();
        for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(30); now = state.NextWake)
        {
            var question = Assert.Single(Assert.Single(Sent(state.Tick(now))).Questions);
            Assert.Equal((Service, DnsType.Ptr), (question.Name, question.Type));
            asked.Add(now.TotalSeconds);
        }

        Assert.Equal([0, 1, 3, 13, 23], asked);
    }

    [Fact]
    public void A_query_is_answered_with_a_pointer_and_our_addresses()
    {
        var state = NewState(Ours, Multiaddr.Parse("/ip6/2001:db8::1/udp/4001/quic-v1"));
        var answer = Assert.Single(AnswersTo(state, Query(Service)));
        Assert.True(answer.IsResponse);
        Assert.Equal(new DnsRecord.Ptr(Service, 120, Service.Below("me")), Assert.Single(answer.Answers));
        var txt = Assert.IsType<DnsRecord.Txt>(Assert.Single(answer.Additional));
        Assert.Equal(Service.Below("me"), txt.Name);
        Assert.Equal(
            [$"dnsaddr=/ip4/192.0.2.1/tcp/4001/p2p/{Self}", $"dnsaddr=/ip6/2001:db8::1/udp/4001/quic-v1/p2p/{Self}"],
            txt.Strings.Select(text => Encoding.UTF8.GetString(text.Span)));
    }

    [Fact]
    public void Its_name_is_found_by_service_browsers()
    {
        var meta = new DnsName("_services._dns-sd._udp.local");
        var answer = Assert.Single(AnswersTo(NewState(), Query(meta)));
        Assert.Equal(new DnsRecord.Ptr(meta, 120, Service), Assert.Single(answer.Answers));
        var detail = Assert.Single(AnswersTo(NewState(), Query(Service.Below("me"), DnsType.Txt)));
        Assert.IsType<DnsRecord.Txt>(Assert.Single(detail.Answers));
        Assert.Empty(AnswersTo(NewState(), Query(new DnsName("_other._udp.local"))));
    }

    /// <summary>RFC 6762, 6: "MUST NOT multicast a record until at least one second has elapsed since the last time that record was multicast".</summary>
    [Fact]
    public void A_flood_of_queries_gets_one_answer_in_a_second()
    {
        var state = NewState();
        _ = state.Tick(TimeSpan.Zero);
        var answeredAt = new List<TimeSpan>();
        for (var now = TimeSpan.FromMilliseconds(1); now < TimeSpan.FromSeconds(5); now += TimeSpan.FromMilliseconds(1))
        {
            Assert.Empty(state.Receive(Query(Service), Neighbour, now));
            answeredAt.AddRange(Sent(state.Tick(now)).Where(sent => sent.IsResponse).Select(_ => now));
        }

        Assert.InRange(answeredAt[0].TotalMilliseconds, 20, 125);
        Assert.InRange(answeredAt.Count, 4, 5);
        Assert.All(answeredAt.Zip(answeredAt.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(1)));
    }

    /// <summary>RFC 6762, 6.7: legacy unicast responses.</summary>
    [Fact]
    public void One_who_asks_from_another_port_is_answered_directly_and_not_too_often()
    {
        var state = NewState();
        var asker = Neighbour with { EndPoint = new IPEndPoint(Neighbour.EndPoint.Address, 40000) };
        var effects = Enumerable.Range(0, 50).SelectMany(_ => state.Receive(Query(Service, id: 77), asker, TimeSpan.Zero)).ToList();
        Assert.Equal(10, effects.Count);
        var direct = Assert.IsType<MdnsEffect.Unicast>(effects[0]);
        Assert.Equal(asker.EndPoint, direct.To);
        Assert.True(DnsMessage.TryRead(direct.Datagram, out var answer));
        Assert.Equal(77, answer.Id);
        Assert.Equal(Service, Assert.Single(answer.Questions).Name);
        Assert.Equal(10u, Assert.Single(answer.Answers).TimeToLive);
        Assert.NotEmpty(state.Receive(Query(Service), asker, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Addresses_that_mean_nothing_elsewhere_are_not_announced()
    {
        Multiaddr[] useless = [Multiaddr.Parse("/ip4/0.0.0.0/tcp/1"), Multiaddr.Memory("x"), Multiaddr.Parse("/ip6zone/1/ip6/fe80::1/tcp/1"), Multiaddr.Parse("/unix/a")];
        Assert.Empty(AnswersTo(NewState(useless), Query(Service)));
        var loopback = Multiaddr.Parse("/ip4/127.0.0.1/tcp/1");
        Assert.Contains("127.0.0.1", Strings(AnswersTo(NewState([.. useless, loopback]), Query(Service))).Single(), StringComparison.Ordinal);
        Assert.Equal([$"dnsaddr={Ours}/p2p/{Self}"], Strings(AnswersTo(NewState(loopback, Ours), Query(Service))));
        var tooLong = Ours.With(MultiaddrProtocol.Sni, new string('a', 250));
        Assert.Equal([$"dnsaddr={Ours}/p2p/{Self}"], Strings(AnswersTo(NewState(tooLong, Ours), Query(Service))));
    }

    [Fact]
    public void Many_addresses_go_out_in_datagrams_that_fit_a_frame_and_stand_alone()
    {
        var many = Enumerable.Range(1, 40).Select(port => Multiaddr.Tcp(IPAddress.Parse("2001:db8:1111:2222:3333:4444:5555:6666"), port)).ToArray();
        var state = NewState(many);
        var answers = AnswersTo(state, Query(Service));
        Assert.True(answers.Count > 1);
        Assert.All(answers, answer => Assert.InRange(answer.ToBytes().Length, 100, 1232));
        Assert.Equal(32, Strings(answers).Count);
        Assert.All(answers, answer => Assert.Single(answer.Answers));
    }

    [Fact]
    public void A_peer_is_told_when_it_appears_and_changes_and_expires()
    {
        var state = NewState();
        var peer = NewPeer();
        var first = Discovered(state, TimeSpan.Zero, Answer(120, $"/ip4/192.0.2.7/tcp/1/p2p/{peer}"));
        Assert.Equal((peer, TimeSpan.FromSeconds(120)), (first!.Peer, first.TimeToLive));
        Assert.Equal("/ip4/192.0.2.7/tcp/1", Assert.Single(first.Addresses).ToString());
        Assert.Null(Discovered(state, TimeSpan.FromSeconds(10), Answer(120, $"/ip4/192.0.2.7/tcp/1/p2p/{peer}")));
        var moved = Discovered(state, TimeSpan.FromSeconds(20), Answer(120, $"/ip4/192.0.2.8/tcp/1/p2p/{peer}"));
        Assert.Equal(2, moved!.Addresses.Length);

        // Heard again after half of its time: told again, so that nobody forgets it.
        var again = Discovered(state, TimeSpan.FromSeconds(81), Answer(120, $"/ip4/192.0.2.8/tcp/1/p2p/{peer}"));
        Assert.Equal(TimeSpan.FromSeconds(120), again!.TimeToLive);
        Assert.Empty(Told(state.Tick(TimeSpan.FromSeconds(200))));
        Assert.Equal([new MdnsEvent.Expired(peer)], Told(state.Tick(TimeSpan.FromSeconds(201))));
        Assert.Empty(Told(state.Tick(TimeSpan.FromSeconds(400))));
    }

    [Fact]
    public void A_goodbye_takes_back_what_was_said()
    {
        var state = NewState();
        var peer = NewPeer();
        _ = Discovered(state, TimeSpan.Zero, Answer(120, $"/ip4/192.0.2.7/tcp/1/p2p/{peer}"));
        Assert.Equal([new MdnsEvent.Expired(peer)], Told(state.Receive(Answer(0, $"/ip4/192.0.2.7/tcp/1/p2p/{peer}"), Neighbour, TimeSpan.FromSeconds(1))));
        Assert.Empty(Told(state.Receive(Answer(0, $"/ip4/192.0.2.7/tcp/1/p2p/{peer}"), Neighbour, TimeSpan.FromSeconds(2))));
        var ours = Assert.Single(Sent(NewState().Goodbye()));
        Assert.All(ours.Answers.Concat(ours.Additional), record => Assert.Equal(0u, record.TimeToLive));
    }

    [Fact]
    public void What_names_us_or_nobody_or_makes_no_sense_is_passed_over()
    {
        var peer = NewPeer();
        foreach (var text in new[]
            {
                $"/ip4/192.0.2.7/tcp/1/p2p/{Self}", "/ip4/192.0.2.7/tcp/1", "nonsense", $"/p2p/{peer}", $"/ip4/127.0.0.1/tcp/1/p2p/{peer}",
                $"/ip4/0.0.0.0/tcp/1/p2p/{peer}", $"/ip6/::1/tcp/1/p2p/{peer}", $"/memory/x/p2p/{peer}", $"/ip4/192.0.2.7/unknown/1/p2p/{peer}",
            })
            Assert.Empty(NewState().Receive(Answer(120, text), Neighbour, TimeSpan.Zero));

        // A true one beside them counts, and loopback does when it comes from this machine.
        Assert.NotNull(Discovered(NewState(), TimeSpan.Zero, Answer(120, "nonsense", $"/ip4/192.0.2.7/tcp/1/p2p/{peer}")));
        Assert.NotEmpty(NewState().Receive(Answer(120, $"/ip4/127.0.0.1/tcp/1/p2p/{peer}"), Machine, TimeSpan.Zero));
        var otherPort = Neighbour with { EndPoint = new IPEndPoint(Neighbour.EndPoint.Address, 5354) };
        Assert.Empty(NewState().Receive(Answer(120, $"/ip4/192.0.2.7/tcp/1/p2p/{peer}"), otherPort, TimeSpan.Zero));
        var foreign = new DnsRecord.Txt(new DnsName("x._other._udp.local"), 120, [Text($"dnsaddr=/ip4/192.0.2.7/tcp/1/p2p/{peer}")]);
        Assert.Empty(NewState().Receive(new DnsMessage(0, true, [], [foreign], []).ToBytes(), Neighbour, TimeSpan.Zero));
    }

    /// <summary>js-libp2p puts its TXT records among the answers, one for each address.</summary>
    [Fact]
    public void Txt_records_among_the_answers_count_too()
    {
        var peer = NewPeer();
        var instance = Service.Below("js");
        var message = new DnsMessage(0, true, [],
            [
                new DnsRecord.Ptr(Service, 120, instance),
                new DnsRecord.Txt(instance, 120, [Text($"dnsaddr=/ip4/192.0.2.7/tcp/1/p2p/{peer}")]),
                new DnsRecord.Txt(instance, 120, [Text($"dnsaddr=/ip4/192.0.2.7/tcp/2/ws/p2p/{peer}")]),
            ],
            []);
        Assert.Equal(2, Discovered(NewState(), TimeSpan.Zero, message.ToBytes())!.Addresses.Length);
    }

    [Fact]
    public void Peers_and_their_addresses_are_bounded_and_no_promise_is_believed_for_long()
    {
        var state = NewState();
        var peers = Enumerable.Range(0, 4).Select(_ => NewPeer()).ToArray();
        Assert.Equal(TimeSpan.FromMinutes(10), Discovered(state, TimeSpan.Zero, Answer(uint.MaxValue, $"/ip4/192.0.2.7/tcp/1/p2p/{peers[0]}"))!.TimeToLive);
        Assert.NotNull(Discovered(state, TimeSpan.Zero, Answer(120, $"/ip4/192.0.2.7/tcp/1/p2p/{peers[1]}")));
        Assert.NotNull(Discovered(state, TimeSpan.Zero, Answer(120, $"/ip4/192.0.2.7/tcp/1/p2p/{peers[2]}")));
        Assert.Null(Discovered(state, TimeSpan.Zero, Answer(120, $"/ip4/192.0.2.7/tcp/1/p2p/{peers[3]}")));
        var crowded = Discovered(state, TimeSpan.Zero, Answer(130, [.. Enumerable.Range(2, 9).Select(port => $"/ip4/192.0.2.7/tcp/{port}/p2p/{peers[1]}")]));
        Assert.Equal(2, crowded!.Addresses.Length);
        Assert.Equal(2, Told(state.Tick(TimeSpan.FromSeconds(130))).Count);
        Assert.NotNull(Discovered(state, TimeSpan.FromSeconds(130), Answer(120, $"/ip4/192.0.2.7/tcp/1/p2p/{peers[3]}")));
    }

    [Fact]
    public void A_network_that_changes_is_asked_again_and_told_again()
    {
        var state = NewState();
        foreach (var second in new[] { 0, 1, 3 }) _ = state.Tick(TimeSpan.FromSeconds(second));
        state.NetworkChanged(TimeSpan.FromSeconds(5));
        var sent = Sent(state.Tick(TimeSpan.FromSeconds(5))).Concat(Sent(state.Tick(TimeSpan.FromSeconds(5.2)))).ToList();
        Assert.Equal([false, true], sent.Select(message => message.IsResponse));
    }

    [Fact]
    public void Nothing_a_neighbour_sends_breaks_the_conversation()
    {
        var seed = Randomness.Seed();
        output.WriteLine($"NETABASE_SEED={seed}");
        var random = new Random(seed);
        var state = NewState();
        var sound = new[] { Query(Service), Answer(120, $"/ip4/192.0.2.7/tcp/1/p2p/{NewPeer()}", $"/ip6/::1/udp/1/quic-v1/p2p/{NewPeer()}") };
        for (var i = 0; i < Randomness.Count(50_000, 5_000_000); i++)
        {
            var now = TimeSpan.FromMilliseconds(i);
            _ = state.Receive(Mutation.Of(sound[i % 2], random), random.Next(2) == 0 ? Neighbour : Machine, now).Count();
            if (i % 16 == 0) _ = state.Tick(now).Count();
        }
    }

    private static PeerId NewPeer()
    {
        using var key = PrivateKey.Generate();
        return key.PublicKey.PeerId;
    }

    private static byte[] Query(DnsName name, DnsType type = DnsType.Ptr, ushort id = 0) =>
        new DnsMessage(id, false, [new DnsQuestion(name, type)], [], []).ToBytes();

    private static byte[] Answer(uint timeToLive, params string[] addresses)
    {
        var instance = Service.Below("other");
        ImmutableArray<Payload> strings = [.. addresses.Select(address => Text("dnsaddr=" + address))];
        return new DnsMessage(0, true, [], [new DnsRecord.Ptr(Service, timeToLive, instance)], [new DnsRecord.Txt(instance, timeToLive, strings)]).ToBytes();
    }

    private static Payload Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private static List<DnsMessage> Sent(IEnumerable<MdnsEffect> effects) =>
        [.. effects.OfType<MdnsEffect.Multicast>().Select(sent => DnsMessage.TryRead(sent.Datagram, out var message) ? message : throw new InvalidDataException())];

    private static List<MdnsEvent> Told(IEnumerable<MdnsEffect> effects) => [.. effects.OfType<MdnsEffect.Tell>().Select(told => told.Event)];

    private static List<string> Strings(IEnumerable<DnsMessage> answers) =>
        [.. answers.SelectMany(answer => answer.Additional).OfType<DnsRecord.Txt>().SelectMany(txt => txt.Strings).Select(text => Encoding.UTF8.GetString(text.Span))];

    private static List<DnsMessage> AnswersTo(MdnsState state, byte[] query)
    {
        _ = state.Tick(TimeSpan.Zero);
        Assert.Empty(state.Receive(query, Neighbour, TimeSpan.FromMilliseconds(1)));
        return [.. Sent(state.Tick(TimeSpan.FromMilliseconds(200)))];
    }

    private static MdnsEvent.Discovered? Discovered(MdnsState state, TimeSpan now, byte[] datagram) =>
        Told(state.Receive(datagram, Neighbour, now)).Cast<MdnsEvent.Discovered>().SingleOrDefault();

    private MdnsState NewState(params Multiaddr[] ours) => new(_options, Self, "me", () => ours.Length > 0 ? ours : [Ours], new Random(1));
}
