using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Netabase.Multiformats;
using Netabase.Transport.Keys;
using Netabase.Transport.Mdns;

namespace Netabase.Transport.Specs.Mdns;

/// <summary>Real sockets on this machine: whichever interfaces it has, loopback alone is enough.</summary>
public sealed class MdnsServiceSpecs : IDisposable
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(120));

    /// <summary>An own port, so that specs which run at once, and whatever else lives here, do not meet.</summary>
    private readonly int _port = FreePort();

    public void Dispose() => _deadline.Dispose();

    [SkippableTheory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Two_nodes_find_each_other_and_notice_when_one_goes(bool useIPv4, bool useIPv6)
    {
        Skip.If(!useIPv4 && !HasIPv6Link(), "No interface but loopback has IPv6, and loopback has no multicast route for it.");
        var options = new MdnsOptions { Port = _port, UseIPv4 = useIPv4, UseIPv6 = useIPv6 };
        await using var one = new Node(options, "/ip4/127.0.0.1/tcp/4001");
        await using var two = new Node(options, "/ip4/127.0.0.1/tcp/4002");
        await one.Service.StartAsync();
        await two.Service.StartAsync();
        await using var seenByOne = one.Service.Events(_deadline.Token).GetAsyncEnumerator();
        await using var seenByTwo = two.Service.Events(_deadline.Token).GetAsyncEnumerator();

        var byOne = Assert.IsType<MdnsEvent.Discovered>(await Next(seenByOne));
        var byTwo = Assert.IsType<MdnsEvent.Discovered>(await Next(seenByTwo));
        Assert.Equal((two.Peer, "/ip4/127.0.0.1/tcp/4002"), (byOne.Peer, Assert.Single(byOne.Addresses).ToString()));
        Assert.Equal((one.Peer, "/ip4/127.0.0.1/tcp/4001"), (byTwo.Peer, Assert.Single(byTwo.Addresses).ToString()));

        await two.Service.DisposeAsync();
        Assert.Equal(new MdnsEvent.Expired(two.Peer), await Next(seenByOne));
        Assert.False(await seenByTwo.MoveNextAsync());
    }

    [Fact]
    public async Task Other_service_names_are_other_networks()
    {
        await using var one = new Node(new MdnsOptions { Port = _port, ServiceName = "_one._udp.local" }, "/ip4/127.0.0.1/tcp/1");
        await using var alien = new Node(new MdnsOptions { Port = _port, ServiceName = "_two._udp.local" }, "/ip4/127.0.0.1/tcp/2");
        await using var other = new Node(new MdnsOptions { Port = _port, ServiceName = "_one._udp.local" }, "/ip4/127.0.0.1/tcp/3");
        await alien.Service.StartAsync();
        await other.Service.StartAsync();
        await one.Service.StartAsync();
        await using var seen = one.Service.Events(_deadline.Token).GetAsyncEnumerator();
        Assert.Equal(other.Peer, Assert.IsType<MdnsEvent.Discovered>(await Next(seen)).Peer);
        await other.Service.DisposeAsync();
        await alien.Service.DisposeAsync();
        Assert.Equal(new MdnsEvent.Expired(other.Peer), await Next(seen));
    }

    /// <summary>A responder that only sets SO_REUSEADDR, as Node.js does, holds the port before us.</summary>
    [SkippableFact]
    public async Task It_stands_beside_another_responder_on_the_same_port()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The option's number is Linux's.");
        using var avahi = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        avahi.SetRawSocketOption(1, 2, [1, 0, 0, 0]);
        avahi.Bind(new IPEndPoint(IPAddress.Any, _port));
        avahi.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(IPAddress.Parse("224.0.0.251"), IPAddress.Loopback));
        await using var node = new Node(new MdnsOptions { Port = _port, UseIPv6 = false }, "/ip4/127.0.0.1/tcp/1");
        await node.Service.StartAsync();
        var buffer = new byte[9000];
        var got = await avahi.ReceiveAsync(buffer, _deadline.Token);
        Assert.True(DnsMessage.TryRead(buffer.AsSpan(0, got), out var query));
        Assert.Equal(new DnsName(MdnsOptions.DefaultServiceName), Assert.Single(query.Questions).Name);
    }

    /// <summary>A peer answers its own query, so that others who only listen find it (discovery/mdns.md).</summary>
    [Fact]
    public async Task A_tool_that_asks_from_any_port_is_answered_directly()
    {
        await using var node = new Node(new MdnsOptions { Port = _port, UseIPv6 = false }, "/ip4/127.0.0.1/tcp/1");
        await node.Service.StartAsync();
        using var tool = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        tool.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var question = new DnsQuestion(new DnsName(MdnsOptions.DefaultServiceName), DnsType.Ptr);
        await tool.SendToAsync(new DnsMessage(9, false, [question], [], []).ToBytes(), new IPEndPoint(IPAddress.Loopback, _port), _deadline.Token);
        var buffer = new byte[9000];
        var got = await tool.ReceiveAsync(buffer, _deadline.Token);
        Assert.True(DnsMessage.TryRead(buffer.AsSpan(0, got), out var answer));
        Assert.Equal((9, true), (answer.Id, answer.IsResponse));
        Assert.Equal($"{node.Service.PeerName}.{MdnsOptions.DefaultServiceName}", Assert.IsType<DnsRecord.Ptr>(Assert.Single(answer.Answers)).Target.Text);
    }

    [Fact]
    public async Task It_starts_once_and_stops_as_often_as_one_likes()
    {
        var node = new Node(new MdnsOptions { Port = _port }, "/ip4/127.0.0.1/tcp/1");
        await node.Service.StartAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(node.Service.StartAsync);
        await node.DisposeAsync();
        await node.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(node.Service.StartAsync);
        await new Node(new MdnsOptions { Port = _port }, "/ip4/127.0.0.1/tcp/1").DisposeAsync();
        Assert.Matches("^[a-z0-9]{40}$", node.Service.PeerName);
    }

    [Fact]
    public async Task A_port_that_cannot_be_shared_is_told_as_such()
    {
        using var selfish = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        selfish.Bind(new IPEndPoint(IPAddress.Any, _port));
        await using var node = new Node(new MdnsOptions { Port = _port, UseIPv6 = false }, "/ip4/127.0.0.1/tcp/1");
        var refusal = await Assert.ThrowsAsync<TransportException>(node.Service.StartAsync);
        Assert.Equal(TransportError.AddressUnusable, refusal.Error);
    }

    [Fact]
    public void Options_that_cannot_work_are_refused()
    {
        foreach (var wrong in new MdnsOptions[]
            {
                new() { ServiceName = "" }, new() { ServiceName = "a..local" }, new() { ServiceName = string.Join('.', Enumerable.Repeat("abcdefg", 30)) },
                new() { Port = 0 }, new() { Interval = TimeSpan.Zero }, new() { PeersMax = 0 }, new() { UseIPv4 = false, UseIPv6 = false },
            })
            Assert.ThrowsAny<ArgumentException>(() => new Node(wrong, "/ip4/127.0.0.1/tcp/1"));
    }

    private static bool HasIPv6Link() =>
        LocalInterface.All().Any(each => each.Has(AddressFamily.InterNetworkV6) && !each.Owns(IPAddress.IPv6Loopback));

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task<MdnsEvent> Next(IAsyncEnumerator<MdnsEvent> events)
    {
        Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(_deadline.Token));
        return events.Current;
    }

    private sealed class Node : IAsyncDisposable
    {
        public Node(MdnsOptions options, string address)
        {
            using var key = PrivateKey.Generate();
            Peer = key.PublicKey.PeerId;
            Service = new MdnsService(options, () => [Multiaddr.Parse(address)], Peer, TimeProvider.System, NullLogger.Instance);
        }

        public PeerId Peer { get; }

        public MdnsService Service { get; }

        public ValueTask DisposeAsync() => Service.DisposeAsync();
    }
}
