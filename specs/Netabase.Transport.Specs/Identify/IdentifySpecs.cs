using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Framing;
using Netabase.Transport.Identify;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;
using Netabase.Transport.Specs.Network;

namespace Netabase.Transport.Specs.Identify;

/// <summary>What a peer may say about itself, and what is believed of it.</summary>
public sealed class IdentifySpecs : IAsyncLifetime
{
    private static readonly ProtocolId Spoken = new("/spec/spoken/1.0.0");
    private static readonly Multiaddr Public = Multiaddr.Parse("/ip4/203.0.113.5/tcp/4001");
    private readonly TcpNet _net = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _net.DisposeAsync();

    [Fact]
    public void A_message_survives_its_encoding()
    {
        var key = PrivateKey.Generate();
        var message = new IdentifyMessage(
            key.PublicKey.Encoded, [Public], [Spoken], Multiaddr.Parse("/ip4/198.51.100.1/tcp/9"), "v/1", "agent/2", new Payload(new byte[] { 1, 2 }));
        var read = Merge(message.Encode());
        Assert.Equal(message with { Addresses = [], Protocols = [] }, read with { Addresses = [], Protocols = [] });
        Assert.Equal<Multiaddr>([Public], read.Addresses);
        Assert.Equal<ProtocolId>([Spoken], read.Protocols);
    }

    [Fact]
    public void A_long_message_is_split_into_frames_that_everybody_accepts()
    {
        var protocols = Enumerable.Range(0, 500).Select(i => new ProtocolId($"/spec/protocol-with-a-long-name/{i}")).ToArray();
        var frames = (IdentifyMessage.Empty with { Protocols = [.. protocols] }).Encode();
        Assert.InRange(frames.Length, 2, IdentifyMessage.MaxFrames);
        Assert.All(frames, frame => Assert.InRange(frame.Length, 1, IdentifyMessage.MaxSent));
        Assert.Equal<ProtocolId>(protocols, Merge(frames).Protocols);
    }

    [Fact]
    public void More_protocols_or_addresses_than_believed_refuse_the_message()
    {
        var many = IdentifyMessage.Empty with { Protocols = [.. Enumerable.Range(0, 1025).Select(i => new ProtocolId($"/{i}"))] };
        Assert.Equal(TransportError.LimitReached, Assert.Throws<TransportException>(() => Merge(many.Encode())).Error);
        var far = IdentifyMessage.Empty with { Addresses = [.. Enumerable.Range(0, 501).Select(_ => Public)] };
        Assert.Equal(TransportError.LimitReached, Assert.Throws<TransportException>(() => Merge(far.Encode())).Error);
    }

    [Fact]
    public void An_address_of_an_unknown_kind_is_left_out_and_the_others_stay()
    {
        byte[] frame = [0x12, 3, 0xff, 0x7f, 0, 0x12, (byte)Public.Bytes.Length, .. Public.Bytes.Span];
        Assert.Equal<Multiaddr>([Public], IdentifyMessage.Empty.Merge(frame, new IdentifySettings()).Addresses);
    }

    [Theory]
    [InlineData("evil\u001b[2J\n")]
    [InlineData("evil\u009b2J")]
    [InlineData("evil\u007f")]
    public void Text_from_strangers_is_short_and_cannot_move_a_terminals_cursor(string evil)
    {
        var message = IdentifyMessage.Empty with { AgentVersion = evil + new string('x', 500) };
        var read = Merge(message.Encode()).AgentVersion!;
        Assert.Equal(128, read.Length);
        Assert.DoesNotContain(read, char.IsControl);
    }

    [Fact]
    public void No_bytes_make_the_decoder_fail_otherwise_than_it_says()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("NETABASE_SEED"), out var given) ? given : Random.Shared.Next();
        var random = new Random(seed);
        var sound = (IdentifyMessage.Empty with { Addresses = [Public], Protocols = [Spoken], AgentVersion = "a" }).Encode()[0].ToArray();
        var rounds = Environment.GetEnvironmentVariable("NETABASE_LONG") == "1" ? 2_000_000 : 20_000;
        for (var i = 0; i < rounds; i++)
        {
            var bytes = sound.ToArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                IdentifyMessage.Empty.Merge(bytes.AsSpan(0, random.Next(bytes.Length + 1)), new IdentifySettings());
            }
            catch (TransportException)
            {
                // The one way to refuse.
            }
            catch (Exception failure)
            {
                Assert.Fail($"NETABASE_SEED={seed}, round {i}: {failure}");
            }
        }
    }

    [Fact]
    public async Task A_peer_that_identifies_with_another_key_is_cut_off()
    {
        var other = PrivateKey.Generate().PublicKey;
        var liar = await LiarAsync(_ => [(IdentifyMessage.Empty with { PublicKey = other.Encoded, Protocols = [Spoken] }).Encode()[0]]);
        var here = await _net.StartAsync();
        using var events = here.Subscribe();
        await here.ConnectAsync(liar);
        var closed = await events.NextAsync<NetworkEvent.ConnectionClosed>();
        Assert.Equal((CloseCause.Misbehaved, TransportError.IdentityMismatch), (closed.Cause, closed.Error!.Value));
        Assert.Empty(here.Peers.Protocols(liar.LocalPeer));
    }

    [Theory]
    [InlineData(1, 9000)]
    [InlineData(11, 10)]
    public async Task Too_long_or_too_many_frames_are_not_believed_and_the_connection_stays(int frames, int length)
    {
        var frame = (IdentifyMessage.Empty with { Protocols = [new ProtocolId(new string('p', length))] }).Encode();
        byte[] raw = [0x1a, .. Varint(length), .. Enumerable.Repeat((byte)'p', length)];
        var liar = await LiarAsync(_ => [.. Enumerable.Range(0, frames).Select(_ => (ReadOnlyMemory<byte>)raw)]);
        var here = await _net.StartAsync();
        using var liarEvents = liar.Subscribe();
        await here.ConnectAsync(liar);
        await liarEvents.NextAsync<NetworkEvent.PeerIdentified>();
        await UntilAsync(() => here.Gate!.Counted.Unidentified == 0);
        Assert.False(Assert.Single(here.Connections).Identified);
        Assert.Empty(here.Peers.Protocols(liar.LocalPeer));
        Assert.Single(frame);
    }

    [Fact]
    public async Task A_signed_record_counts_only_for_its_signer_and_only_when_it_is_newer()
    {
        var stranger = PrivateKey.Generate();
        var foreign = new PeerRecord(stranger.PublicKey.PeerId, 9, [Public]).Seal(stranger).Encoded;
        var liar = await LiarAsync(_ => (IdentifyMessage.Empty with { SignedRecord = foreign, Protocols = [Spoken] }).Encode());
        var here = await _net.StartAsync(options => options with { Limits = new ConnectionLimits { ExemptLoopback = true } });
        using var events = here.Subscribe();
        await here.ConnectAsync(liar);
        await events.NextAsync<NetworkEvent.PeerIdentified>();
        var known = here.Peers.Find(liar.LocalPeer)!;
        Assert.Null(known.Record);
        Assert.DoesNotContain(known.Addresses, address => address.Address == Public);

        var peer = stranger.PublicKey.PeerId;
        Assert.True(here.Peers.TrySetRecord(peer, new SignedPeerRecord(9, foreign)));
        Assert.False(here.Peers.TrySetRecord(peer, new SignedPeerRecord(9, foreign)));
        Assert.False(here.Peers.TrySetRecord(peer, new SignedPeerRecord(8, foreign)));
        Assert.True(here.Peers.TrySetRecord(peer, new SignedPeerRecord(10, foreign)));
    }

    [Fact]
    public async Task Addresses_of_another_peer_or_of_nowhere_are_passed_over()
    {
        var other = PrivateKey.Generate().PublicKey.PeerId;
        Multiaddr[] told = [Public.WithPeer(other), Multiaddr.Parse("/ip4/0.0.0.0/tcp/1"), Multiaddr.Parse("/ip4/203.0.113.6/tcp/1")];
        var liar = await LiarAsync(_ => (IdentifyMessage.Empty with { Addresses = [.. told], Protocols = [Spoken] }).Encode());
        var here = await _net.StartAsync();
        using var events = here.Subscribe();
        await here.ConnectAsync(liar);
        var identified = await events.NextAsync<NetworkEvent.PeerIdentified>();
        Assert.Contains(told[2], identified.Addresses);
        Assert.DoesNotContain(Public, identified.Addresses);
        Assert.DoesNotContain(told[1], identified.Addresses);
    }

    [Theory]
    [InlineData("/ip4/203.0.113.6/tcp/1", true)]
    [InlineData("/dns4/peer.example/tcp/1", true)]
    [InlineData("/ip4/127.0.0.1/tcp/1", false)]
    [InlineData("/dns4/localhost/tcp/1", false)]
    [InlineData("/dns/LocalHost./tcp/1", false)]
    [InlineData("/dns6/anything.localhost/tcp/1/ws", false)]
    public void A_peer_of_another_machine_cannot_lead_us_into_our_own_by_number_or_by_name(string told, bool believed)
    {
        var connection = new ConnectionInfo(
            new ConnectionId(1), PrivateKey.Generate().PublicKey.PeerId, Direction.Outbound, Multiaddr.Parse("/ip4/192.0.2.1/tcp/2"),
            Multiaddr.Parse("/ip4/203.0.113.6/tcp/1"), new ProtocolId("/noise"), new ProtocolId("/yamux/1.0.0"), default);
        Assert.Equal(believed, PeerBelief.Believable(connection, [Multiaddr.Parse(told)]).Any());
    }

    [Fact]
    public async Task An_address_of_ours_is_confirmed_by_several_who_reached_us_there_and_not_by_one_who_says_it_often()
    {
        var hub = await _net.StartAsync(options => options with { Identify = new IdentifySettings { Observers = 3 } });
        using var events = hub.Subscribe();
        for (var i = 0; i < 3; i++)
        {
            var peer = await _net.StartAsync();
            for (var again = 0; again < 2; again++)
            {
                Assert.Empty(hub.ExternalAddresses);
                await peer.ConnectAsync(hub);
                await events.NextAsync<NetworkEvent.PeerIdentified>();
                await peer.DisconnectAsync(hub.LocalPeer).Soon();
                if (i == 2)
                {
                    break;
                }
            }
        }

        Assert.Equal(hub.ListenAddresses[0], (await events.NextAsync<NetworkEvent.ExternalAddressConfirmed>()).Address);
        Assert.Equal(hub.ListenAddresses[0], Assert.Single(hub.ExternalAddresses));
    }

    [Fact]
    public async Task A_push_that_says_little_leaves_the_rest_as_it_was()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        there.AnswerEcho();
        using var events = here.Subscribe();
        await here.ConnectAsync(there);
        await events.NextAsync<NetworkEvent.PeerIdentified>();
        var push = (IdentifyMessage.Empty with { AgentVersion = "other/1" }).Encode()[0];
        await using (var stream = await there.OpenStreamAsync(here.LocalPeer, [new ProtocolId("/ipfs/id/push/1.0.0")]).Soon())
        {
            await stream.WriteFrameAsync(push, IdentifyMessage.MaxSent).Soon();
            await stream.CloseWriteAsync(default).Soon();
            Assert.Equal(0, await stream.ReadAsync(new byte[1], default).Soon());
        }

        var known = here.Peers.Find(there.LocalPeer)!;
        Assert.Equal("other/1", known.AgentVersion);
        Assert.Contains(TestNetworks.Echo, known.Protocols);
        Assert.Contains(known.Addresses, address => address.Address == there.ListenAddresses[0]);
    }

    private async Task<Swarm> LiarAsync(Func<IPeerStream, IEnumerable<ReadOnlyMemory<byte>>> answer)
    {
        var liar = _net.Create();
        var identify = new ProtocolId("/ipfs/id/1.0.0");
        liar.Unhandle(identify);
        liar.Handle(identify, async (stream, stopping) =>
        {
            foreach (var frame in answer(stream))
            {
                await stream.WriteFrameAsync(frame, int.MaxValue, stopping);
            }
        });
        await liar.StartAsync().Soon();
        return liar;
    }

    private static IdentifyMessage Merge(IEnumerable<ReadOnlyMemory<byte>> frames) =>
        frames.Aggregate(IdentifyMessage.Empty, (message, frame) => message.Merge(frame.Span, new IdentifySettings()));

    private static byte[] Varint(int value)
    {
        var bytes = new byte[UVarint.MaxLength];
        return bytes[..UVarint.Write(bytes, (ulong)value)];
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var deadline = new CancellationTokenSource(Patience.Limit);
        while (!holds())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
