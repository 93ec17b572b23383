using System.Buffers;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Netabase.Transport.Connections;
using Netabase.Transport.Network;
using Netabase.Transport.RequestResponse;
using Netabase.Transport.Specs.Network;

namespace Netabase.Transport.Specs.RequestResponse;

/// <summary>Requests and answers as Kademlia will use them.</summary>
public sealed class RequestSpecs : IAsyncLifetime
{
    private static readonly RequestProtocol<string, string> Protocol =
        new(new ProtocolId("/spec/requests/1.0.0"), new TextCodec(), new TextCodec()) { MaxRequest = 1000, MaxResponse = 2000 };

    private readonly LoopbackNet _net = new();
    private Swarm _here = null!;
    private Swarm _there = null!;
    private int _streams;

    public async Task InitializeAsync()
    {
        (_here, _there) = (await _net.StartAsync(), await _net.StartAsync());
        await _here.ConnectAsync(_there);
    }

    public async Task DisposeAsync() => await _net.DisposeAsync();

    [Fact]
    public async Task Requests_one_after_the_other_share_a_stream()
    {
        Serve((_, request, _) => new ValueTask<string?>(request.ToUpperInvariant()));
        await using var client = Client();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal($"HELLO {i}", await client.SendAsync(_there.LocalPeer, $"hello {i}").Soon());
        }

        Assert.Equal(1, client.IdleStreams);
        Assert.Equal(1, _streams);
    }

    [Fact]
    public async Task Many_requests_at_once_keep_to_the_bound_and_all_are_answered()
    {
        Serve(async (_, request, _) =>
        {
            await Task.Yield();
            return request;
        });
        await using var client = Client(new RequestSettings { ParallelPerPeer = 4 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => client.SendAsync(_there.LocalPeer, $"{i}").Soon()));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), answers);
        Assert.InRange(_streams, 1, 4);
    }

    [Fact]
    public async Task More_waiting_requests_than_the_queue_holds_are_refused()
    {
        Serve(async (_, request, stopping) =>
        {
            await Task.Delay(Timeout.Infinite, stopping);
            return request;
        });
        await using var client = Client(new RequestSettings { ParallelPerPeer = 1, QueuePerPeer = 1, Attempts = 1 });
        using var given = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 2).Select(_ => client.SendAsync(_there.LocalPeer, "?", given.Token).AsTask()).ToList();
        await client.SendAsync(_there.LocalPeer, "?").FailsAsync(TransportError.LimitReached);
        await given.CancelAsync();
        foreach (var each in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => each.Soon());
        }
    }

    [Fact]
    public async Task A_request_without_an_answer_leaves_the_stream_in_order()
    {
        var told = new List<string>();
        Serve((_, request, _) =>
        {
            told.Add(request);
            return new ValueTask<string?>(request.StartsWith("tell", StringComparison.Ordinal) ? null : request);
        });
        await using var client = Client();
        await client.TellAsync(_there.LocalPeer, "tell 1").Soon();
        await client.TellAsync(_there.LocalPeer, "tell 2").Soon();
        Assert.Equal("ask", await client.SendAsync(_there.LocalPeer, "ask").Soon());
        Assert.Equal(["tell 1", "tell 2", "ask"], told);
        Assert.Equal(1, _streams);
    }

    [Fact]
    public async Task A_request_that_failed_on_its_way_is_sent_again_after_a_pause()
    {
        var calls = 0;
        Serve((_, request, _) => ++calls == 1 ? throw new InvalidOperationException("once") : new ValueTask<string?>(request));
        await using var client = Client();
        Assert.Equal("again", await client.SendAsync(_there.LocalPeer, "again").Soon());
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task After_the_last_attempt_the_failure_is_told()
    {
        var calls = 0;
        Serve((_, _, _) =>
        {
            calls++;
            throw new InvalidOperationException("always");
        });
        await using var client = Client(new RequestSettings { Attempts = 3, RetryPause = TimeSpan.FromMilliseconds(1) });
        await client.SendAsync(_there.LocalPeer, "?").FailsAsync(TransportError.StreamReset);
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_times_out_and_its_stream_is_not_used_again()
    {
        var asked = new SemaphoreSlim(0);
        Serve(async (_, request, stopping) =>
        {
            asked.Release();
            await Task.Delay(Timeout.Infinite, stopping);
            return request;
        });
        var time = new FakeTimeProvider();
        await using var client = Client(new RequestSettings { Attempts = 1 }, time);
        var asking = client.SendAsync(_there.LocalPeer, "?").AsTask();
        await asked.WaitAsync().Soon();
        time.Advance(TimeSpan.FromSeconds(11));
        await asking.FailsAsync(TransportError.TimedOut);
        Assert.Equal(0, client.IdleStreams);
    }

    [Fact]
    public async Task A_kept_stream_that_the_peer_has_closed_meanwhile_is_no_failure()
    {
        Serve((_, request, _) => new ValueTask<string?>(request));
        await using var client = Client(new RequestSettings { Attempts = 1 });
        Assert.Equal("1", await client.SendAsync(_there.LocalPeer, "1").Soon());
        await _there.StopAsync().Soon();
        await _there.StartAsync().Soon();
        Assert.Equal("2", await client.SendAsync(_there.LocalPeer, "2").Soon());
        Assert.Equal(2, _streams);
    }

    [Fact]
    public async Task A_stream_that_nobody_uses_is_closed()
    {
        Serve((_, request, _) => new ValueTask<string?>(request));
        var time = new FakeTimeProvider();
        await using var client = Client(null, time);
        await client.SendAsync(_there.LocalPeer, "1").Soon();
        Assert.Equal(1, client.IdleStreams);
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(0, client.IdleStreams);
        Assert.Equal("2", await client.SendAsync(_there.LocalPeer, "2").Soon());
    }

    [Fact]
    public async Task Messages_beyond_the_caps_are_refused_on_either_side()
    {
        Serve((_, request, _) => new ValueTask<string?>(new string('x', int.Parse(request, System.Globalization.CultureInfo.InvariantCulture))));
        await using var client = Client(new RequestSettings { Attempts = 1 });
        Assert.Equal(2000, (await client.SendAsync(_there.LocalPeer, "2000").Soon()).Length);
        await client.SendAsync(_there.LocalPeer, "2001").FailsAsync(TransportError.StreamReset);
        await client.SendAsync(_there.LocalPeer, new string('1', 1001)).FailsAsync(TransportError.LimitReached);
    }

    [Fact]
    public async Task Bytes_that_are_no_message_are_not_asked_for_again()
    {
        Serve((_, _, _) => new ValueTask<string?>("bad"));
        await using var client = Client();
        await client.SendAsync(_there.LocalPeer, "?").FailsAsync(TransportError.InvalidData);
        Assert.Equal(1, _streams);
    }

    [Fact]
    public async Task A_peer_that_does_not_serve_the_protocol_says_so()
    {
        await using var client = Client();
        await client.SendAsync(_there.LocalPeer, "?").FailsAsync(TransportError.ProtocolNotSupported);
    }

    private RequestClient<string, string> Client(RequestSettings? settings = null, TimeProvider? time = null) =>
        new(_here, Protocol, settings, time);

    private void Serve(RequestHandler<string, string> handler)
    {
        var loop = new ServingLoop<string, string>(Protocol, handler, new RequestSettings(), TimeProvider.System);
        _there.Handle(Protocol.Id, (stream, stopping) =>
        {
            Interlocked.Increment(ref _streams);
            return loop.RunAsync(stream, stopping);
        });
    }

    private sealed class TextCodec : IMessageCodec<string>
    {
        public void Encode(string message, IBufferWriter<byte> writer) => writer.Write(Encoding.UTF8.GetBytes(message));

        public string Decode(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes) is var text and not "bad"
            ? text
            : throw new TransportException(TransportError.InvalidData, "That is no message.");
    }
}
