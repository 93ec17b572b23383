using System.Text;
using Microsoft.Extensions.Time.Testing;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Multistream;
using Netabase.Transport.Noise;
using Netabase.Transport.Upgrade;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Upgrade;

/// <summary>Raw bytes become a connection with a known peer and streams: what it costs, and what ends it.</summary>
public sealed class UpgradeSpecs
{
    private static readonly ProtocolId Echo = new("/echo/1.0.0");
    private static readonly PrivateKey Left = PrivateKey.Generate();
    private static readonly PrivateKey Right = PrivateKey.Generate();
    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(120)).Token;

    /// <summary>
    /// One round trip for TCP itself; one for the proposal of Noise with its first message and the answer with its second; one for the
    /// third message with the stream's opening, its protocol and the request, and the answer.
    /// </summary>
    [Fact]
    public async Task Dial_to_the_first_answer_byte_takes_three_round_trips() =>
        Assert.Equal(3, 1 + (await TripsToAnswerAsync(Upgrader(Left), Upgrader(Right), flights: 1) / 2));

    [Fact]
    public async Task A_muxer_left_to_multistream_select_costs_no_round_trip_more() =>
        Assert.Equal(3, 1 + (await TripsToAnswerAsync(Upgrader(Left), Upgrader(Right, new Unhurried(new NoiseSecurity(Right))), flights: 1) / 2));

    [Fact]
    public async Task A_dialer_that_does_not_bet_on_its_first_security_pays_one_round_trip_more()
    {
        var plain = new PlaintextSecurity(Left.PublicKey);
        var cautious = new Upgrader([new NoiseSecurity(Left), plain], [new YamuxMuxer()], new UpgradeOptions { Optimistic = false });
        Assert.Equal(4, 1 + (await TripsToAnswerAsync(cautious, Upgrader(Right), flights: 2) / 2));
    }

    [Fact]
    public async Task Both_ends_know_whom_they_talk_to_and_over_what()
    {
        var (dialed, accepted) = await UpgradeAsync(new RawPair(), Upgrader(Left), Upgrader(Right), Right.PublicKey.PeerId);
        Assert.Equal((ConnectionRole.Dialer, ConnectionRole.Listener), (dialed.Role, accepted.Role));
        Assert.Equal((Right.PublicKey, Left.PublicKey), (dialed.RemoteKey, accepted.RemoteKey));
        Assert.Equal((Right.PublicKey.PeerId, Left.PublicKey.PeerId), (dialed.RemotePeer, accepted.RemotePeer));
        Assert.Equal(("/noise", "/yamux/1.0.0"), (accepted.Security.Name, accepted.Muxer.Name));
        await CloseAsync(dialed, accepted);
    }

    [Fact]
    public async Task Plaintext_works_for_tests_and_muxes_what_came_with_the_negotiation()
    {
        var pair = new RawPair();
        var (dialed, accepted) = await UpgradeAsync(
            pair, Upgrader(Left, new PlaintextSecurity(Left.PublicKey)), Upgrader(Right, new PlaintextSecurity(Right.PublicKey)));
        await EchoOnceAsync(dialed, accepted);
        await CloseAsync(dialed, accepted);
    }

    /// <summary>Checklist item 1, through the whole upgrade.</summary>
    [Fact]
    public async Task A_dial_with_a_wrong_peer_id_fails_and_cuts_the_connection()
    {
        var pair = new RawPair();
        var listening = Upgrader(Right).UpgradeAsync(pair.Listener, ConnectionRole.Listener, null, Soon).AsTask();
        var refused = await Assert.ThrowsAsync<TransportException>(
            () => Upgrader(Left).UpgradeAsync(pair.Dialer, ConnectionRole.Dialer, Left.PublicKey.PeerId, Soon).AsTask());
        Assert.Equal(TransportError.IdentityMismatch, refused.Error);
        Assert.True(pair.Dialer.IsAborted);
        await Assert.ThrowsAsync<TransportException>(() => listening);
        Assert.True(pair.Listener.IsAborted);
    }

    [Fact]
    public async Task Without_a_security_in_common_the_upgrade_fails_on_both_ends()
    {
        var pair = new RawPair();
        var listening = Upgrader(Right, new PlaintextSecurity(Right.PublicKey)).UpgradeAsync(pair.Listener, ConnectionRole.Listener, null, Soon).AsTask();
        var refused = await Assert.ThrowsAsync<TransportException>(
            () => Upgrader(Left).UpgradeAsync(pair.Dialer, ConnectionRole.Dialer, null, Soon).AsTask());
        Assert.Equal(TransportError.ProtocolNotSupported, refused.Error);
        await Assert.ThrowsAsync<TransportException>(() => listening);
    }

    /// <summary>Checklist item 6: a peer that stops at any step is cut off when the time is over.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_peer_that_falls_silent_at_any_step_is_cut_off_in_time(bool dialerFallsSilent)
    {
        // What an upgrade sends is counted once, at its end, and a muxer may have sent a frame by then: the last steps are left out.
        const int MuxerFrames = 2 * (12 + 18);
        var whole = new RawPair();
        var (dialed, accepted) = await UpgradeAsync(whole, Upgrader(Left), Upgrader(Right, new Unhurried(new NoiseSecurity(Right))));
        var total = dialerFallsSilent ? whole.Dialer.BytesSent - MuxerFrames : 60;
        await CloseAsync(dialed, accepted);
        for (var budget = 0; budget < total - 30; budget += 11)
        {
            var time = new FakeTimeProvider();
            var options = new UpgradeOptions { Time = time };
            var pair = new RawPair();
            var silent = dialerFallsSilent ? pair.Dialer : pair.Listener;
            silent.Budget = budget;
            using var stop = new CancellationTokenSource();
            var dialing = new Upgrader([new NoiseSecurity(Left)], [new YamuxMuxer()], dialerFallsSilent ? null : options)
                .UpgradeAsync(pair.Dialer, ConnectionRole.Dialer, null, stop.Token).AsTask();
            var listening = new Upgrader([new Unhurried(new NoiseSecurity(Right))], [new YamuxMuxer()], dialerFallsSilent ? options : null)
                .UpgradeAsync(pair.Listener, ConnectionRole.Listener, null, stop.Token).AsTask();

            var (honest, other, end) = dialerFallsSilent ? (listening, dialing, pair.Listener) : (dialing, listening, pair.Dialer);
            await silent.Swallowed.Task.WaitAsync(Soon);
            time.Advance(TimeSpan.FromSeconds(14.9));
            Assert.False(honest.IsCompleted, $"cut off too early after {budget} bytes");
            time.Advance(TimeSpan.FromSeconds(0.2));
            var cut = await Assert.ThrowsAsync<TransportException>(() => honest.WaitAsync(Soon));
            Assert.Equal(TransportError.TimedOut, cut.Error);
            Assert.True(end.IsAborted);
            await stop.CancelAsync();
            await other.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_not_told_of_a_time_out()
    {
        using var patience = new CancellationTokenSource();
        var pair = new RawPair();
        var upgrading = Upgrader(Left).UpgradeAsync(pair.Listener, ConnectionRole.Listener, null, patience.Token).AsTask();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upgrading);
        Assert.True(pair.Listener.IsAborted);
    }

    [Fact]
    public async Task Random_bytes_instead_of_an_upgrade_are_refused_by_our_own_errors_only()
    {
        var seed = Randomness.Seed();
        var random = new Random(seed);
        for (var run = 0; run < Randomness.Count(300, 30_000); run++)
        {
            var pair = new RawPair();
            var bytes = Randomness.Bytes(random, 300);
            if (random.Next(2) == 0) bytes = [.. MultistreamMessage.Header, .. "\u0007/noise\n"u8, 0, 32, .. bytes];
            await pair.Dialer.SendAsync(bytes, Soon);
            await pair.Dialer.DisposeAsync();
            try
            {
                await Upgrader(Right).UpgradeAsync(pair.Listener, ConnectionRole.Listener, null, Soon);
                Assert.Fail($"seed {seed}, run {run}: it was upgraded");
            }
            catch (TransportException)
            {
                Assert.True(pair.Listener.IsAborted);
            }
        }
    }

    private static Upgrader Upgrader(PrivateKey identity, ISecurityProtocol? security = null) =>
        new([security ?? new NoiseSecurity(identity)], [new YamuxMuxer()]);

    private static async Task<(UpgradedConnection Dialed, UpgradedConnection Accepted)> UpgradeAsync(
        RawPair pair, Upgrader dialer, Upgrader listener, PeerId? expected = null)
    {
        var listening = listener.UpgradeAsync(pair.Listener, ConnectionRole.Listener, null, Soon).AsTask();
        var dialed = await dialer.UpgradeAsync(pair.Dialer, ConnectionRole.Dialer, expected, Soon);
        return (dialed, await listening);
    }

    /// <summary>Opens a stream and has one request echoed.</summary>
    private static async Task EchoOnceAsync(UpgradedConnection dialed, UpgradedConnection accepted)
    {
        var serving = ServeAsync(accepted.Muxed);
        await using var stream = StreamSelection.Propose(await dialed.Muxed.OpenAsync(Soon), Echo);
        await stream.WriteAsync("hello"u8.ToArray(), Soon);
        var buffer = new byte[5];
        Assert.Equal(5, await stream.ReadAsync(buffer, Soon));
        Assert.Equal("hello", Encoding.UTF8.GetString(buffer));
        await serving;
    }

    /// <summary>
    /// Lets one direction speak at a time and counts how often it has to change until the answer is read. With the other direction held,
    /// a step that needs one more trip never completes, and its deadline fails the spec.
    /// </summary>
    private static async Task<int> TripsToAnswerAsync(Upgrader dialer, Upgrader listener, int flights)
    {
        var pair = new RawPair();
        var trips = 0;
        Turn(ConnectionRole.Dialer);
        var listening = listener.UpgradeAsync(pair.Listener, ConnectionRole.Listener, null, Soon).AsTask();
        var dialing = dialer.UpgradeAsync(pair.Dialer, ConnectionRole.Dialer, null, Soon).AsTask();
        for (var flight = 1; flight <= flights; flight++)
        {
            await pair.Listener.SentAsync(flight).WaitAsync(Soon);
            Turn(ConnectionRole.Listener);
            await pair.Dialer.SentAsync(flight + 1).WaitAsync(Soon);
            if (flight < flights) Turn(ConnectionRole.Dialer);
        }

        var dialed = await dialing;
        var stream = StreamSelection.Propose(await dialed.Muxed.OpenAsync(Soon), Echo);
        await stream.WriteAsync("hello"u8.ToArray(), Soon);
        Turn(ConnectionRole.Dialer);
        var accepted = await listening;
        await ServeAsync(accepted.Muxed);
        Turn(ConnectionRole.Listener);
        Assert.Equal(5, await stream.ReadAsync(new byte[5], Soon));
        pair.Open();
        await stream.DisposeAsync();
        await CloseAsync(dialed, accepted);
        return trips;

        void Turn(ConnectionRole speaker)
        {
            trips++;
            pair.Turn(speaker);
        }
    }

    private static async Task ServeAsync(IMuxedConnection connection)
    {
        await using var stream = await StreamSelection.AcceptAsync((await connection.AcceptAsync(Soon))!, new ProtocolTable([Echo]), Soon);
        var buffer = new byte[5];
        var read = await stream.ReadAsync(buffer, Soon);
        await stream.WriteAsync(buffer.AsMemory(0, read), Soon);
    }

    [Fact]
    public async Task What_the_handshake_made_is_disposed_of_when_no_muxer_follows()
    {
        var pair = new RawPair();
        var watched = new Watched(new PlaintextSecurity(Right.PublicKey));
        var listening = Upgrader(Right, watched).UpgradeAsync(pair.Listener, ConnectionRole.Listener, null, Soon).AsTask();
        await new PlaintextOnly(pair.Dialer, Left.PublicKey).RunAsync(Soon);
        await Assert.ThrowsAsync<TransportException>(() => listening);
        Assert.True(watched.IsDisposed);
    }

    private static async Task CloseAsync(UpgradedConnection dialed, UpgradedConnection accepted)
    {
        await dialed.Muxed.DisposeAsync();
        await accepted.Muxed.DisposeAsync();
    }

    /// <summary>A dialer that proves who it is and then leaves.</summary>
    private sealed class PlaintextOnly(IRawConnection raw, PublicKey identity)
    {
        public async Task RunAsync(CancellationToken cancellation)
        {
            var security = new PlaintextSecurity(identity);
            var negotiated = NegotiatedConnection.Propose(raw, security.Id);
            await security.SecureAsync(negotiated, ConnectionRole.Dialer, null, [], cancellation);
            await raw.DisposeAsync();
        }
    }

    /// <summary>Tells whether the codec it made was disposed of.</summary>
    private sealed class Watched(ISecurityProtocol inner) : ISecurityProtocol, IFrameCodec
    {
        public ProtocolId Id => inner.Id;

        public bool IsDisposed { get; private set; }

        public int MaxPlaintext => PlainCodec.Instance.MaxPlaintext;

        public int Overhead => 0;

        public int Prefix => 0;

        public async ValueTask<SecuredConnection> SecureAsync(
            IRawConnection raw, ConnectionRole role, PeerId? expected, IReadOnlyList<ProtocolId> muxers, CancellationToken cancellation) =>
            (await inner.SecureAsync(raw, role, expected, muxers, cancellation)) with { Codec = this };

        public int Seal(Span<byte> frame, int plaintext) => plaintext;

        public bool TryOpen(Span<byte> received, out int consumed, out Range plaintext) =>
            PlainCodec.Instance.TryOpen(received, out consumed, out plaintext);

        public void Dispose() => IsDisposed = true;
    }

    /// <summary>A security protocol that knows nothing of early muxers.</summary>
    private sealed class Unhurried(ISecurityProtocol inner) : ISecurityProtocol
    {
        public ProtocolId Id => inner.Id;

        public ValueTask<SecuredConnection> SecureAsync(
            IRawConnection raw, ConnectionRole role, PeerId? expected, IReadOnlyList<ProtocolId> muxers, CancellationToken cancellation) =>
            inner.SecureAsync(raw, role, expected, [], cancellation);
    }
}
