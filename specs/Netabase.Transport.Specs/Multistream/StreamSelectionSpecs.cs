using System.Text;
using Netabase.Transport.Connections;
using Netabase.Transport.Multistream;

namespace Netabase.Transport.Specs.Multistream;

/// <summary>Negotiation on streams: lazy on the proposing side; scenarios of go-multistream's test suite.</summary>
public sealed class StreamSelectionSpecs
{
    private static readonly ProtocolId Echo = new("/echo/1.0.0");
    private static readonly ProtocolTable Table = new([Echo, new ProtocolId("/b")]);
    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(120)).Token;

    [Fact]
    public async Task A_lazy_proposal_and_the_first_data_leave_in_one_write()
    {
        var pair = new StreamPair();
        var stream = StreamSelection.Propose(pair.Dialer, Echo);
        Assert.Equal(0, pair.Dialer.Writes);
        await stream.WriteAsync("hello"u8.ToArray(), Soon);
        Assert.Equal(1, pair.Dialer.Writes);

        var accepted = await StreamSelection.AcceptAsync(pair.Listener, Table, Soon);
        Assert.Equal(Echo, accepted.Protocol);
        Assert.Equal("hello", await ReadAsync(accepted, 5));
        Assert.Equal(1, pair.Listener.Writes);
        await accepted.WriteAsync("world"u8.ToArray(), Soon);
        Assert.False(stream.IsAgreed);
        Assert.Equal("world", await ReadAsync(stream, 5));
        Assert.True(stream.IsAgreed);
    }

    [Fact]
    public async Task Several_proposals_are_tried_in_order()
    {
        var pair = new StreamPair();
        var accepting = StreamSelection.AcceptAsync(pair.Listener, Table, Soon);
        var stream = await StreamSelection.SelectAsync(pair.Dialer, [new("/x"), new("/y"), new("/b"), Echo], Soon);
        Assert.Equal("/b", stream.Protocol.Name);
        Assert.Equal("/b", (await accepting).Protocol.Name);
    }

    [Fact]
    public async Task When_every_proposal_is_refused_both_ends_reset_the_stream()
    {
        var pair = new StreamPair();
        var accepting = StreamSelection.AcceptAsync(pair.Listener, Table, Soon).AsTask();
        var refused = await Assert.ThrowsAsync<TransportException>(() => StreamSelection.SelectAsync(pair.Dialer, [new("/x"), new("/y")], Soon).AsTask());
        Assert.Equal(TransportError.ProtocolNotSupported, refused.Error);
        Assert.True(pair.Dialer.IsReset);
        await Assert.ThrowsAsync<TransportException>(() => accepting);
        Assert.True(pair.Listener.IsReset);
    }

    [Fact]
    public async Task A_refused_lazy_proposal_is_met_by_the_first_read()
    {
        var pair = new StreamPair();
        var stream = StreamSelection.Propose(pair.Dialer, new ProtocolId("/unknown"));
        await stream.WriteAsync("hello"u8.ToArray(), Soon);
        var accepting = StreamSelection.AcceptAsync(pair.Listener, Table, Soon).AsTask();
        var refused = await Assert.ThrowsAsync<TransportException>(() => stream.ReadAsync(new byte[1], Soon).AsTask());
        Assert.Equal(TransportError.ProtocolNotSupported, refused.Error);
        Assert.True(pair.Dialer.IsReset);
        await Assert.ThrowsAsync<TransportException>(() => accepting);
    }

    [Fact]
    public async Task A_reader_that_comes_first_sends_the_proposal()
    {
        var pair = new StreamPair();
        var stream = StreamSelection.Propose(pair.Dialer, Echo);
        var reading = ReadAsync(stream, 2);
        var accepted = await StreamSelection.AcceptAsync(pair.Listener, Table, Soon);
        await accepted.WriteAsync("hi"u8.ToArray(), Soon);
        Assert.Equal("hi", await reading);
    }

    [Fact]
    public async Task The_proposal_is_sent_once_and_first_when_reader_and_writer_race()
    {
        for (var run = 0; run < 500; run++)
        {
            var pair = new StreamPair();
            var stream = StreamSelection.Propose(pair.Dialer, Echo);
            var reading = Task.Run(() => ReadAsync(stream, 4));
            var writing = Task.Run(() => stream.WriteAsync("ping"u8.ToArray(), Soon).AsTask());
            var accepted = await StreamSelection.AcceptAsync(pair.Listener, Table, Soon);
            Assert.Equal("ping", await ReadAsync(accepted, 4));
            await writing;
            await accepted.WriteAsync("pong"u8.ToArray(), Soon);
            Assert.Equal("pong", await reading);
        }
    }

    [Fact]
    public async Task A_peer_that_answers_sends_and_closes_at_once_is_still_read_to_the_end()
    {
        var pair = new StreamPair();
        await pair.Listener.WriteAsync("\u0013/multistream/1.0.0\n\u000c/echo/1.0.0\nlast words"u8.ToArray(), Soon);
        await pair.Listener.CloseWriteAsync(Soon);
        var stream = await StreamSelection.SelectAsync(pair.Dialer, [Echo], Soon);
        Assert.Equal("last words", await ReadAsync(stream, 10));
        Assert.Equal(0, await stream.ReadAsync(new byte[1], Soon));
    }

    [Fact]
    public async Task A_lazy_stream_that_is_closed_without_a_write_still_says_what_it_is()
    {
        var pair = new StreamPair();
        var stream = StreamSelection.Propose(pair.Dialer, Echo);
        await stream.CloseWriteAsync(Soon);
        var accepted = await StreamSelection.AcceptAsync(pair.Listener, Table, Soon);
        Assert.Equal(Echo, accepted.Protocol);
        Assert.Equal(0, await accepted.ReadAsync(new byte[1], Soon));
    }

    [Fact]
    public async Task A_write_after_the_stream_was_reset_fails()
    {
        var pair = new StreamPair();
        var stream = StreamSelection.Propose(pair.Dialer, Echo);
        var accepting = StreamSelection.AcceptAsync(pair.Listener, Table, Soon);
        await stream.WriteAsync("x"u8.ToArray(), Soon);
        await accepting;
        stream.Reset();
        await Assert.ThrowsAsync<TransportException>(() => stream.WriteAsync("y"u8.ToArray(), Soon).AsTask());
    }

    [Fact]
    public async Task A_cancelled_first_read_loses_nothing()
    {
        var pair = new StreamPair();
        var stream = StreamSelection.Propose(pair.Dialer, Echo);
        await stream.WriteAsync("x"u8.ToArray(), Soon);
        await pair.Listener.WriteAsync("\u0013/multistream/1.0.0\n\u000c/ec"u8.ToArray(), Soon);
        using var impatient = new CancellationTokenSource();
        var reading = stream.ReadAsync(new byte[1], impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await pair.Listener.WriteAsync("ho/1.0.0\nz"u8.ToArray(), Soon);
        Assert.Equal("z", await ReadAsync(stream, 1));
    }

    [Fact]
    public async Task A_confirmed_stream_is_agreed_without_data()
    {
        var pair = new StreamPair();
        var stream = StreamSelection.Propose(pair.Dialer, Echo);
        var accepting = StreamSelection.AcceptAsync(pair.Listener, Table, Soon);
        await stream.ConfirmAsync(Soon);
        Assert.True(stream.IsAgreed);
        await accepting;
    }

    [Fact]
    public async Task Data_larger_than_a_message_follows_its_proposal_in_order()
    {
        var pair = new StreamPair();
        var stream = StreamSelection.Propose(pair.Dialer, Echo);
        var large = new string('l', 100_000);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(large), Soon);
        var accepted = await StreamSelection.AcceptAsync(pair.Listener, Table, Soon);
        Assert.Equal(large, await ReadAsync(accepted, large.Length));
    }

    [Theory]
    [InlineData("\u0013/multistream/2.0.0\n\u0003/b\n")]
    [InlineData("\u0013/multistream/1.0.0\n\uffff\uffff")]
    public async Task A_peer_that_breaks_the_rules_is_reset_by_either_side(string bytes)
    {
        var pair = new StreamPair();
        await pair.Dialer.WriteAsync(Encoding.UTF8.GetBytes(bytes), Soon);
        await pair.Listener.WriteAsync(Encoding.UTF8.GetBytes(bytes), Soon);
        await Assert.ThrowsAsync<TransportException>(() => StreamSelection.AcceptAsync(pair.Listener, Table, Soon).AsTask());
        Assert.True(pair.Listener.IsReset);
        await Assert.ThrowsAsync<TransportException>(() => StreamSelection.SelectAsync(pair.Dialer, [Echo], Soon).AsTask());
        Assert.True(pair.Dialer.IsReset);
    }

    [Fact]
    public async Task A_negotiated_stream_costs_less_than_a_kilobyte_on_each_side()
    {
        for (var run = 0; run < 20; run++) await OnceAsync();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var bare = await OnceAsync(negotiate: false);
        var middle = GC.GetAllocatedBytesForCurrentThread();
        var negotiated = await OnceAsync();
        var after = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(bare && negotiated);
        var cost = after - middle - (middle - before);
        Assert.True(cost < 2048, $"The negotiation of both ends allocated {cost} bytes.");

        static async Task<bool> OnceAsync(bool negotiate = true)
        {
            var pair = new StreamPair();
            IMuxedStream dialer = pair.Dialer, listener = pair.Listener;
            if (negotiate) dialer = StreamSelection.Propose(dialer, Echo);
            await dialer.WriteAsync(new byte[32], default);
            if (negotiate) listener = await StreamSelection.AcceptAsync(listener, Table, default);
            var buffer = new byte[32];
            await listener.ReadAsync(buffer, default);
            await listener.WriteAsync(buffer, default);
            return await dialer.ReadAsync(buffer, default) == 32;
        }
    }

    private static async Task<string> ReadAsync(NegotiatedStream stream, int length)
    {
        var buffer = new byte[length];
        for (var at = 0; at < length;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(at), Soon);
            Assert.NotEqual(0, read);
            at += read;
        }

        return Encoding.UTF8.GetString(buffer);
    }
}
