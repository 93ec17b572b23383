using System.Text.Json.Nodes;
using Netabase.Multiformats;
using Netabase.Transport;
using Netabase.Transport.Connections;
using Netabase.Transport.Network;
using Netabase.Transport.Perf;
using Netabase.Transport.Ping;

namespace Netabase.Interop.Live;

/// <summary>js-libp2p 3.3 as a live peer: what an application does with a peer, over every wire, whoever dialed.</summary>
public sealed class LivePeerSpecs(LivePairs pairs) : IClassFixture<LivePairs>
{
    private const int Mebibyte = 1024 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    public static TheoryData<Wire, Dialer> Everywhere
    {
        get
        {
            var all = new TheoryData<Wire, Dialer>();
            foreach (var wire in Enum.GetValues<Wire>())
            {
                all.Add(wire, Dialer.We);
                all.Add(wire, Dialer.Js);
            }

            return all;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Everywhere))]
    public async Task Both_sides_see_one_connection_with_the_protocols_of_the_wire(Wire wire, Dialer dialer)
    {
        var pair = await pairs.GetAsync(wire, dialer);
        var ours = Assert.Single(pair.Ours.Connections, connection => connection.Info.Peer == pair.JsPeerId).Info;
        Assert.Equal(dialer == Dialer.We ? Direction.Outbound : Direction.Inbound, ours.Direction);
        Assert.Equal(wire == Wire.TcpTls ? "/tls/1.0.0" : "/noise", ours.Security.Name);
        Assert.Equal("/yamux/1.0.0", ours.Muxer.Name);

        var answer = await pair.Js.CallAsync("connections");
        var theirs = Assert.Single(answer["connections"]!.AsArray())!;
        Assert.Equal(pair.Us, (string)theirs["peer"]!);
        Assert.Equal(ours.Security.Name, (string)theirs["security"]!);
        Assert.Equal(ours.Muxer.Name, (string)theirs["muxer"]!);
    }

    [SkippableTheory]
    [MemberData(nameof(Everywhere))]
    public async Task Each_side_pings_the_other(Wire wire, Dialer dialer)
    {
        var pair = await pairs.GetAsync(wire, dialer);
        using var stop = new CancellationTokenSource(Deadline);
        Assert.InRange(await new PingService(pair.Ours).PingAsync(pair.JsPeerId, stop.Token), TimeSpan.Zero, Deadline);
        await pair.Js.CallAsync("ping", ("peer", pair.Us));
    }

    [SkippableTheory]
    [MemberData(nameof(Everywhere))]
    public async Task Identify_tells_each_side_about_the_other(Wire wire, Dialer dialer)
    {
        var pair = await pairs.GetAsync(wire, dialer);
        var theirs = await pair.Js.EventAsync("identified", said => (string)said["peer"]! == pair.Us);
        Assert.Contains(InteropProtocols.Echo.Name, Strings(theirs["protocols"]));
        Assert.Contains("/ipfs/ping/1.0.0", Strings(theirs["protocols"]));
        Assert.True((bool)theirs["signed"]!, "Our Identify carries no signed peer record that js-libp2p accepts.");
        Assert.Contains(Strings(theirs["listen"]), address => address.StartsWith("/ip4/127.0.0.1/tcp/", StringComparison.Ordinal));

        var ours = await IdentifiedAsync(pair);
        Assert.StartsWith("js-libp2p/3.3", ours.AgentVersion, StringComparison.Ordinal);
        Assert.Contains(InteropProtocols.Sink, ours.Protocols);
        Assert.NotNull(ours.Record);
        var listening = Multiaddr.Parse(pair.Js.Addresses[0]).WithoutPeer();
        Assert.Contains(ours.Addresses, address => address.Address == listening);
    }

    [SkippableTheory]
    [MemberData(nameof(Everywhere))]
    public async Task A_protocol_served_later_is_pushed_to_the_other_side(Wire wire, Dialer dialer)
    {
        var pair = await pairs.GetAsync(wire, dialer);
        await IdentifiedAsync(pair);
        using var events = pair.Ours.Subscribe();
        var fromJs = $"/netabase-interop/pushed-by-js/{Guid.NewGuid():N}";
        await pair.Js.CallAsync("handle", ("protocol", fromJs));
        using var stop = new CancellationTokenSource(Deadline);
        await WaitForAsync(
            events,
            happened => happened is NetworkEvent.PeerProtocolsChanged changed && changed.Added.Contains(new ProtocolId(fromJs)),
            stop.Token);
        Assert.Contains(new ProtocolId(fromJs), pair.Ours.Peers.Protocols(pair.JsPeerId));

        var fromUs = $"/netabase-interop/pushed-by-us/{Guid.NewGuid():N}";
        pair.Ours.Handle(new ProtocolId(fromUs), (_, _) => Task.CompletedTask);
        await pair.Js.EventAsync("updated", said => (string)said["peer"]! == pair.Us && Strings(said["protocols"]).Contains(fromUs));
    }

    [SkippableTheory]
    [MemberData(nameof(Everywhere))]
    public async Task Perf_moves_what_was_asked_for(Wire wire, Dialer dialer)
    {
        var pair = await pairs.GetAsync(wire, dialer);
        using var stop = new CancellationTokenSource(Deadline);
        await PerfService.MeasureAsync(pair.Ours, pair.JsPeerId, 5 * Mebibyte, 7 * Mebibyte, cancellation: stop.Token);
        var measured = await pair.Js.CallAsync(
            "perf", ("peer", pair.Us), ("upload", 5 * Mebibyte), ("download", 7 * Mebibyte));
        Assert.Equal(7 * Mebibyte, (int)measured["received"]!);
    }

    [SkippableTheory]
    [MemberData(nameof(Everywhere))]
    public async Task A_hundred_streams_at_once_each_bring_their_own_bytes_back(Wire wire, Dialer dialer)
    {
        var pair = await pairs.GetAsync(wire, dialer);
        using var stop = new CancellationTokenSource(Deadline);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
        {
            await using var stream = await OpenAsync(pair, InteropProtocols.Echo, stop.Token);
            await InteropProtocols.RoundTripAsync(stream, 1000 + (number * 100), stop.Token);
        }));
        await pair.Js.CallAsync("echo", ("peer", pair.Us), ("count", 100), ("bytes", 10_000));
    }

    [SkippableTheory]
    [MemberData(nameof(Everywhere))]
    public async Task A_hundred_mebibytes_arrive_unchanged_in_each_direction(Wire wire, Dialer dialer)
    {
        var pair = await pairs.GetAsync(wire, dialer);
        using var stop = new CancellationTokenSource(Deadline);
        if (dialer == Dialer.We)
        {
            await using var up = await OpenAsync(pair, InteropProtocols.Sink, stop.Token);
            var uploaded = await InteropProtocols.UploadAsync(up, 100 * Mebibyte, stop.Token);
            Assert.Equal(uploaded.Sent, uploaded.Received);
            await using var down = await OpenAsync(pair, InteropProtocols.Source, stop.Token);
            var downloaded = await InteropProtocols.DownloadAsync(down, 100 * Mebibyte, stop.Token);
            Assert.Equal(downloaded.Sent, downloaded.Received);
        }
        else
        {
            foreach (var direction in (string[])["upload", "download"])
            {
                var moved = await pair.Js.CallAsync(direction, ("peer", pair.Us), ("bytes", 100 * Mebibyte));
                Assert.Equal((string)moved["sent"]!, (string)moved["received"]!);
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Everywhere))]
    public async Task A_side_that_has_closed_still_hears_the_other_out(Wire wire, Dialer dialer)
    {
        var pair = await pairs.GetAsync(wire, dialer);
        using var stop = new CancellationTokenSource(Deadline);
        await using var stream = await OpenAsync(pair, InteropProtocols.HalfClose, stop.Token);
        await stream.WriteAsync("first words, "u8.ToArray(), stop.Token);
        var heard = await InteropProtocols.ReadToEndAsync(stream, stop.Token);
        Assert.Equal("I have said what I had to say"u8.ToArray(), heard);
        await stream.WriteAsync("last words"u8.ToArray(), stop.Token);
        await stream.CloseWriteAsync(stop.Token);
        Assert.Equal("first words, last words", (string)(await pair.Js.EventAsync("half-closed"))["received"]!);

        var answer = await pair.Js.CallAsync("halfClose", ("peer", pair.Us));
        Assert.Equal("I have said what I had to say", (string)answer["heard"]!);
        Assert.Equal("first words, last words", await pair.Answers.HalfClosed.WaitAsync(stop.Token));
    }

    [SkippableTheory]
    [MemberData(nameof(Everywhere))]
    public async Task A_reset_of_either_side_ends_the_stream_and_nothing_else(Wire wire, Dialer dialer)
    {
        var pair = await pairs.GetAsync(wire, dialer);
        using var stop = new CancellationTokenSource(Deadline);

        // They reset: our read fails.
        await using var reset = await OpenAsync(pair, InteropProtocols.Reset, stop.Token);
        await reset.WriteAsync(new byte[1], stop.Token);
        var error = await Assert.ThrowsAsync<TransportException>(() => InteropProtocols.ReadToEndAsync(reset, stop.Token));
        Assert.Equal(TransportError.StreamReset, error.Error);

        // We reset: their read fails, whether we answered the stream or opened it.
        Assert.Equal("StreamResetError", (string)(await pair.Js.CallAsync("reset", ("peer", pair.Us)))["ended"]!);
        var held = await OpenAsync(pair, InteropProtocols.Hold, stop.Token);
        await held.WriteAsync(new byte[1000], stop.Token);
        Assert.Equal(4, await held.ReadAsync(new byte[4], stop.Token));
        held.Reset();
        Assert.Equal("StreamResetError", (string)(await pair.Js.EventAsync("held"))["ended"]!);
        await held.DisposeAsync();

        // They abort what they opened: our handler sees it.
        await pair.Js.CallAsync("abort", ("peer", pair.Us));
        Assert.Equal(TransportError.StreamReset, await pair.Answers.WasReset.WaitAsync(stop.Token));

        await new PingService(pair.Ours).PingAsync(pair.JsPeerId, stop.Token);
    }

    private static ValueTask<IPeerStream> OpenAsync(LivePair pair, ProtocolId protocol, CancellationToken stop) =>
        pair.Ours.OpenStreamAsync(pair.JsPeerId, [protocol], stop);

    /// <summary>What Identify left in our peer store, waiting for it if it has not run yet.</summary>
    private static async Task<KnownPeer> IdentifiedAsync(LivePair pair)
    {
        using var stop = new CancellationTokenSource(Deadline);
        using var events = pair.Ours.Subscribe();
        if (pair.Ours.Peers.Find(pair.JsPeerId) is not { AgentVersion.Length: > 0 })
        {
            await WaitForAsync(
                events, happened => happened is NetworkEvent.PeerIdentified said && said.Peer == pair.JsPeerId, stop.Token);
        }

        return pair.Ours.Peers.Find(pair.JsPeerId)!;
    }

    private static async Task WaitForAsync(NetworkSubscription events, Func<NetworkEvent, bool> wanted, CancellationToken stop)
    {
        while (await events.ReadAsync(stop) is { } happened)
        {
            if (wanted(happened))
            {
                return;
            }
        }

        Assert.Fail("The network ended before it happened.");
    }

    private static string[] Strings(JsonNode? array) => [.. array!.AsArray().Select(item => (string)item!)];
}
