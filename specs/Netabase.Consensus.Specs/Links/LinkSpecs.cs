using System.Text;
using System.Threading.Channels;
using Netabase.Actors.Paxos.Links;
using Netabase.Multiformats;
using Netabase.Transport.Framing;
using Netabase.Transport.Keys;
using Netabase.Transport.Loopback;
using Netabase.Transport.Network;

namespace Netabase.Consensus.Specs.Links;

/// <summary>The streams between the members of a group.</summary>
public sealed class LinkSpecs : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly LinkSettings Settings = new(
        FrameMax: 4096,
        QueueBytesMax: 16_384,
        WriteTimeout: TimeSpan.FromSeconds(5),
        HelloTimeout: TimeSpan.FromSeconds(5),
        RetryMin: TimeSpan.FromMilliseconds(10),
        RetryMax: TimeSpan.FromMilliseconds(100));

    private readonly LoopbackWorld _world = new();
    private readonly List<Node> _nodes = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.Links.DisposeAsync();
            await node.Network.DisposeAsync();
        }

        _world.Dispose();
    }

    [Fact]
    public async Task Members_hear_each_other_in_order_on_both_lanes()
    {
        var (left, right) = await PairAsync();
        foreach (var (from, to) in ((Node, Node)[])[(left, right), (right, left)])
        {
            foreach (var lane in (LinkLane[])[LinkLane.Votes, LinkLane.Bulk])
            {
                await UntilSentAsync(from, to, lane, "first");
                Assert.True(from.Links.TrySend(to.Peer, lane, "second"u8));
                Assert.Equal((from.Peer, lane, "first"), await to.HearAsync());
                Assert.Equal((from.Peer, lane, "second"), await to.HearAsync());
            }
        }
    }

    [Fact]
    public async Task Members_whose_connection_broke_find_each_other_again()
    {
        var (left, right) = await PairAsync();
        await UntilSentAsync(left, right, LinkLane.Votes, "before");
        Assert.Equal("before", (await right.HearAsync()).Text);
        for (var round = 0; round < 3; round++)
        {
            await left.Network.DisconnectAsync(right.Peer);
            await UntilHeardAsync(left, right, $"after {round}");
            await UntilHeardAsync(right, left, $"back {round}");
        }
    }

    [Fact]
    public async Task A_member_that_stopped_and_started_again_is_found_again()
    {
        var (left, right) = await PairAsync();
        await UntilHeardAsync(left, right, "before");
        await right.Network.StopAsync();
        Assert.False(left.Links.TrySend(right.Peer, LinkLane.Votes, "lost"u8) && right.Network.IsRunning);
        await right.Network.StartAsync();
        await UntilHeardAsync(left, right, "after");
    }

    [Fact]
    public async Task A_peer_that_is_no_member_is_refused()
    {
        var member = await NodeAsync("group");
        var stranger = await NodeAsync("group");
        member.Links.SetMembers([]);
        await AssertRefusedAsync(stranger, member, new LinkHello(LinkHello.CurrentVersion, "group", LinkLane.Votes).Encode());
    }

    [Fact]
    public async Task A_stream_of_another_group_or_version_or_of_garbage_is_refused()
    {
        var (left, right) = await PairAsync();
        await UntilHeardAsync(left, right, "they are members");
        await AssertRefusedAsync(left, right, new LinkHello(LinkHello.CurrentVersion, "other", LinkLane.Votes).Encode());
        await AssertRefusedAsync(left, right, new LinkHello(LinkHello.CurrentVersion + 1, "group", LinkLane.Votes).Encode());
        await AssertRefusedAsync(left, right, [0xff, 0xff, 0xff]);
        await AssertRefusedAsync(left, right, new byte[LinkHello.BytesMax + 1]);
        await UntilHeardAsync(left, right, "and were not disturbed");
    }

    [Fact]
    public async Task A_member_that_was_removed_hears_no_more()
    {
        var (left, right) = await PairAsync();
        await UntilHeardAsync(left, right, "before");
        left.Links.SetMembers([]);
        Assert.False(left.Links.TrySend(right.Peer, LinkLane.Votes, "after"u8));
        Assert.False(left.Links.IsConnected(right.Peer));
    }

    [Fact]
    public async Task What_a_slow_member_does_not_take_is_lost_and_the_sender_does_not_wait()
    {
        var (left, right) = await PairAsync();
        right.Hold();
        await UntilSentAsync(left, right, LinkLane.Votes, "begin");
        var frame = new byte[Settings.FrameMax];
        var sent = 0;
        while (left.Links.TrySend(right.Peer, LinkLane.Votes, frame))
        {
            Assert.True(++sent < 100_000, "the queue has no bound");
        }

        right.Release();
    }

    private static async Task AssertRefusedAsync(Node from, Node to, byte[] hello)
    {
        using var deadline = new CancellationTokenSource(Patience);
        await from.Network.ConnectAsync(to.Peer, [LoopbackWorld.AddressOf(to.Peer)], deadline.Token);
        await using var stream = await from.Network.OpenStreamAsync(to.Peer, [LinkDoor.Protocol], deadline.Token);
        try
        {
            await stream.WriteFrameAsync(hello, 1024, deadline.Token);
            Assert.Equal(0, await stream.ReadAsync(new byte[16], deadline.Token));
        }
        catch (Transport.TransportException refused) when (refused.Error == Transport.TransportError.StreamReset)
        {
            // As good an end as a closed stream.
        }
    }

    private static async Task UntilSentAsync(Node from, Node to, LinkLane lane, string text)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!from.Links.TrySend(to.Peer, lane, Encoding.UTF8.GetBytes(text)))
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>A frame sent while a stream breaks is lost, as the protocol above expects: it is said until it is heard.</summary>
    private static async Task UntilHeardAsync(Node from, Node to, string text)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            deadline.Token.ThrowIfCancellationRequested();
            from.Links.TrySend(to.Peer, LinkLane.Votes, Encoding.UTF8.GetBytes(text));
            while (to.Heard.Reader.TryRead(out var heard))
            {
                if (heard.Text == text)
                {
                    return;
                }
            }

            await Task.Yield();
        }
    }

    private async Task<(Node Left, Node Right)> PairAsync()
    {
        var left = await NodeAsync("group");
        var right = await NodeAsync("group");
        left.Links.SetMembers([right.Member, left.Member]);
        right.Links.SetMembers([left.Member, right.Member]);
        return (left, right);
    }

    private async Task<Node> NodeAsync(string group)
    {
        // A network leaves a peer alone for 5 s after a failed dial; these specs would wait for it.
        var network = _world.Join(PrivateKey.Generate(), options => options with
        {
            Dial = new DialSettings { BackoffBase = TimeSpan.FromMilliseconds(10), BackoffStep = TimeSpan.FromMilliseconds(10) },
        });
        await network.StartAsync();
        var node = new Node(network, group);
        _nodes.Add(node);
        return node;
    }

    private sealed class Node
    {
        private TaskCompletionSource? _held;

        public Node(Swarm network, string group)
        {
            Network = network;
            Links = new MemberLinks(
                network, new LinkDoor(network, Settings.HelloTimeout, TimeProvider.System), group, Settings, HearAsync, TimeProvider.System);
        }

        public Swarm Network { get; }

        public MemberLinks Links { get; }

        public PeerId Peer => Network.LocalPeer;

        public LinkMember Member => new(Peer, [LoopbackWorld.AddressOf(Peer)]);

        public Channel<(PeerId From, LinkLane Lane, string Text)> Heard { get; } = Channel.CreateUnbounded<(PeerId, LinkLane, string)>();

        public async Task<(PeerId From, LinkLane Lane, string Text)> HearAsync() => await Heard.Reader.ReadAsync().AsTask().WaitAsync(Patience);

        public void Hold() => _held = new TaskCompletionSource();

        public void Release() => _held?.SetResult();

        private async ValueTask HearAsync(PeerId from, LinkLane lane, ReadOnlyMemory<byte> frame)
        {
            var text = Encoding.UTF8.GetString(frame.Span);
            if (_held is { } held)
            {
                await held.Task;
            }

            Heard.Writer.TryWrite((from, lane, text));
        }
    }
}
