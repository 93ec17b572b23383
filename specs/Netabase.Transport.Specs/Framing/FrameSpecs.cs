using Netabase.Multiformats;
using Netabase.Transport.Framing;
using Netabase.Transport.Loopback;
using Netabase.Transport.Network;
using Netabase.Transport.Specs.Network;

namespace Netabase.Transport.Specs.Framing;

/// <summary>Frames on a stream, and what is refused as one (libp2p's rules for lengths: minimal varints, caps before memory).</summary>
public sealed class FrameSpecs : IAsyncLifetime
{
    private const int Cap = 100_000;
    private readonly LoopbackNet _net = new();
    private IPeerStream _ours = null!;
    private IPeerStream _theirs = null!;

    public async Task InitializeAsync()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        var arrived = new TaskCompletionSource<IPeerStream>(TaskCreationOptions.RunContinuationsAsynchronously);
        there.Handle(TestNetworks.Echo, async (stream, stopping) =>
        {
            arrived.SetResult(stream);
            await Task.Delay(Timeout.Infinite, stopping);
        });
        await here.ConnectAsync(there);
        _ours = await here.OpenStreamAsync(there.LocalPeer, [TestNetworks.Echo]).Soon();
        await _ours.WriteAsync(new byte[] { 0 }, default).Soon();
        _theirs = await arrived.Task.Soon();
        Assert.Equal(1, await _theirs.ReadAsync(new byte[1], default).Soon());
    }

    public async Task DisposeAsync() => await _net.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(70_000)]
    [InlineData(Cap)]
    public async Task A_frame_arrives_as_it_was_sent(int length)
    {
        using var reader = new FrameReader(_theirs, Cap);
        var frame = new byte[length];
        new Random(length).NextBytes(frame);
        for (var i = 0; i < 3; i++)
        {
            await _ours.WriteFrameAsync(frame, Cap).Soon();
            Assert.Equal(frame, (await reader.ReadAsync().Soon())!.Value.ToArray());
        }
    }

    [Fact]
    public async Task Frames_that_arrive_byte_by_byte_are_put_together()
    {
        using var reader = new FrameReader(_theirs, Cap);
        var reading = reader.ReadAsync().AsTask();
        foreach (var part in new byte[] { 0x83, 0x01 }.Concat(Enumerable.Repeat((byte)9, 131)))
        {
            await _ours.WriteAsync(new[] { part }, default).Soon();
        }

        Assert.Equal(131, (await reading.Soon())!.Value.Length);
    }

    [Fact]
    public async Task The_end_between_two_frames_is_an_end_and_inside_one_a_violation()
    {
        using var reader = new FrameReader(_theirs, Cap);
        await _ours.WriteFrameAsync(new byte[] { 1 }, Cap).Soon();
        await _ours.WriteAsync(new byte[] { 5, 1, 2 }, default).Soon();
        await _ours.CloseWriteAsync(default).Soon();
        Assert.NotNull(await reader.ReadAsync().Soon());
        await reader.ReadAsync().FailsAsync(TransportError.ProtocolViolation);
    }

    [Fact]
    public async Task A_clean_end_is_null()
    {
        using var reader = new FrameReader(_theirs, Cap);
        await _ours.CloseWriteAsync(default).Soon();
        Assert.Null(await reader.ReadAsync().Soon());
        Assert.Equal(0, reader.Held);
    }

    [Theory]
    [InlineData("8100", TransportError.ProtocolViolation)]
    [InlineData("80808080808080808001", TransportError.ProtocolViolation)]
    [InlineData("ffffffffffffffffff01", TransportError.ProtocolViolation)]
    [InlineData("8080808008", TransportError.LimitReached)]
    [InlineData("a18d06", TransportError.LimitReached)]
    public async Task A_length_that_is_malformed_or_above_the_cap_allocates_nothing(string bytes, TransportError expected)
    {
        using var reader = new FrameReader(_theirs, Cap);
        await _ours.WriteAsync(Convert.FromHexString(bytes), default).Soon();
        await reader.ReadAsync().FailsAsync(expected);
        Assert.InRange(reader.Held, 0, 4096);
    }

    [Fact]
    public async Task A_promised_length_costs_memory_only_as_its_bytes_arrive()
    {
        using var reader = new FrameReader(_theirs, 4 << 20);
        var reading = reader.ReadAsync().AsTask();
        var prefix = new byte[UVarint.MaxLength];
        await _ours.WriteAsync(prefix.AsMemory(0, UVarint.Write(prefix, 4 << 20)), default).Soon();
        await _ours.WriteAsync(new byte[3000], default).Soon();
        Assert.False(reading.IsCompleted);
        Assert.InRange(reader.Held, 0, 16_384);
        _ours.Reset();
        await reading.FailsAsync(TransportError.StreamReset);
    }

    [Fact]
    public async Task A_channel_delivers_everything_in_order_while_both_talk()
    {
        const int Count = 20_000;
        await using var left = new FramedChannel(_ours);
        await using var right = new FramedChannel(_theirs);
        using var done = new CancellationTokenSource();
        var running = Task.WhenAll(left.RunAsync(done.Token), right.RunAsync(done.Token));
        await Task.WhenAll(TalkAsync(left), TalkAsync(right), ListenAsync(left), ListenAsync(right)).Soon();
        await done.CancelAsync();
        await running.Soon();

        static async Task TalkAsync(FramedChannel channel)
        {
            for (var i = 0; i < Count; i++)
            {
                while (!channel.TrySend(BitConverter.GetBytes(i)))
                {
                    await Task.Yield();
                }
            }
        }

        static async Task ListenAsync(FramedChannel channel)
        {
            for (var i = 0; i < Count; i++)
            {
                Assert.Equal(i, BitConverter.ToInt32((await channel.ReadAsync())!.Value.Span));
            }
        }
    }

    [Fact]
    public async Task A_channel_whose_peer_does_not_read_fills_to_its_bound_and_says_no()
    {
        var limits = new FramedChannelLimits(MaxFrame: 64 * 1024, MaxQueued: 256 * 1024, WriteTimeout: TimeSpan.FromSeconds(30));
        await using var channel = new FramedChannel(_ours, limits);
        using var done = new CancellationTokenSource();
        var running = channel.RunAsync(done.Token);
        var frame = new byte[10_000];
        var most = (LoopbackStream.Window + limits.MaxQueued) / frame.Length;
        var (accepted, refused) = (0, 0);
        using var deadline = new CancellationTokenSource(Patience.Limit);
        while (refused < 1000)
        {
            deadline.Token.ThrowIfCancellationRequested();
            _ = channel.TrySend(frame) ? accepted++ : refused++;
            await Task.Yield();
        }

        // At least the queue is full, and nothing but the queue and the stream's window holds anything. What a write under way has
        // put into the window counts as queued until all of it is there, so how much of the window is used depends on how the frames gathered.
        Assert.InRange(accepted, (limits.MaxQueued / (frame.Length + 2)) - 1, most);
        Assert.InRange(channel.Queued, 1, limits.MaxQueued);
        Assert.Throws<ArgumentException>(() => channel.TrySend(new byte[64 * 1024 + 1]));
        await done.CancelAsync();
        await running.Soon();
        Assert.False(channel.TrySend([1]));
    }

    [Fact]
    public async Task A_channel_gives_up_on_a_peer_that_takes_nothing_for_too_long()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var channel = new FramedChannel(_ours, FramedChannelLimits.Default, time);
        Assert.True(channel.TrySend(new byte[900_000]));
        var running = channel.RunAsync(CancellationToken.None);
        Assert.False(running.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(31));
        await running.FailsAsync(TransportError.TimedOut);
    }
}
