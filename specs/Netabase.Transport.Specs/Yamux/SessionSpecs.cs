using Netabase.Transport.Connections;
using Netabase.Transport.Yamux;
using Xunit.Abstractions;

namespace Netabase.Transport.Specs.Yamux;

/// <summary>The pure core, stepped without bytes, clock or tasks.</summary>
public sealed class SessionSpecs(ITestOutputHelper output)
{
    private const long TicksPerSecond = 1000;

    private static readonly YamuxOptions Tight = new()
    {
        AcceptBacklog = 8,
        MaxIncomingStreams = 12,
        MaxOutgoingStreams = 10,
        MaxStreamWindow = 1024 * 1024,
        MaxWindowGrowth = 2 * 1024 * 1024,
        MaxQueuedResets = 16,
    };

    [Fact]
    public void Whatever_a_peer_sends_the_session_stays_within_its_bounds()
    {
        var seed = Randomness.Seed();
        output.WriteLine($"NETABASE_SEED={seed}");
        var random = new Random(seed);
        var runs = Randomness.Count(usual: 20_000, @long: 2_000_000);
        var violations = 0;
        for (var run = 0; run < runs; run++)
        {
            var session = new YamuxSession(Tight, (ConnectionRole)random.Next(2), TicksPerSecond, 0);
            for (var step = 0; step < 300; step++)
            {
                var reception = session.OnHeader(AnyHeader(random), step);
                if (reception.Kind == ReceptionKind.Violation)
                {
                    Assert.NotNull(reception.Reason);
                    violations++;
                    break;
                }

                Assert.InRange(reception.Length, 0, Tight.MaxFrame);
                if (reception.Has(ReceptionEvents.Opened) && random.Next(2) == 0)
                    session.OnAccepted(reception.Stream!);
                AnyAction(session, random, step);
                Assert.InRange(session.IncomingCount, 0, Tight.MaxIncomingStreams);
                Assert.InRange(session.StreamCount, 0, Tight.MaxIncomingStreams + Tight.MaxOutgoingStreams);
                Assert.InRange(session.QueuedAnswers, 0, Tight.MaxQueuedAnswers + Tight.MaxQueuedResets);
                Assert.InRange(session.WindowGrowth, 0, Tight.MaxWindowGrowth);
                foreach (var stream in session.Streams)
                    Assert.InRange(stream.Granted + stream.Buffered, 0, stream.Window);
            }
        }

        Assert.InRange(violations, runs / 10, runs);
    }

    [Fact]
    public void Two_sessions_that_keep_the_rules_never_accuse_each_other()
    {
        var seed = Randomness.Seed();
        output.WriteLine($"NETABASE_SEED={seed}");
        var runs = Randomness.Count(usual: 100, @long: 20_000);
        long delivered = 0;
        for (var run = 0; run < runs; run++)
            delivered += new TwoSessions(Tight, seed + run).Run(steps: 2_000);
        Assert.True(delivered > 1024 * 1024);
    }

    [Fact]
    public void A_window_grows_for_a_reader_that_keeps_up_and_no_further_than_its_bound()
    {
        var session = WithRoundTrip(Tight, ticks: 60, out var now);
        var stream = Open(session, 1, now);
        for (var i = 0; i < 40; i++)
        {
            now += 10;
            session.OnHeader(new YamuxHeader(YamuxType.Data, YamuxFlags.None, 1, 128 * 1024), now);
            session.OnConsumed(stream, 128 * 1024, now);
            while (session.TryNext(64 * 1024, now, out _))
            {
            }
        }

        Assert.Equal(Tight.MaxStreamWindow, stream.Window);
        Assert.Equal(Tight.MaxStreamWindow - YamuxOptions.InitialWindow, session.WindowGrowth);
        session.Reset(stream, 0);
        Assert.Equal(0, session.WindowGrowth);
    }

    [Fact]
    public void A_window_does_not_grow_for_a_slow_reader()
    {
        var session = WithRoundTrip(Tight, ticks: 1, out var now);
        var stream = Open(session, 1, now);
        for (var i = 0; i < 10; i++)
        {
            now += 100;
            session.OnHeader(new YamuxHeader(YamuxType.Data, YamuxFlags.None, 1, 128 * 1024), now);
            session.OnConsumed(stream, 128 * 1024, now);
            while (session.TryNext(64 * 1024, now, out _))
            {
            }
        }

        Assert.Equal(YamuxOptions.InitialWindow, stream.Window);
    }

    [Fact]
    public void All_windows_together_grow_no_further_than_the_sessions_bound()
    {
        var options = Tight with { MaxWindowGrowth = 1024 * 1024 };
        var session = WithRoundTrip(options, ticks: 60, out var now);
        var streams = new[] { Open(session, 1, now), Open(session, 3, now), Open(session, 5, now) };
        for (var i = 0; i < 40; i++)
        {
            foreach (var stream in streams)
            {
                session.OnHeader(new YamuxHeader(YamuxType.Data, YamuxFlags.None, stream.Id, 128 * 1024), ++now);
                session.OnConsumed(stream, 128 * 1024, now);
                while (session.TryNext(64 * 1024, now, out _))
                {
                }
            }
        }

        Assert.Equal(options.MaxWindowGrowth, session.WindowGrowth);
    }

    [Fact]
    public void A_window_grows_in_one_step_to_what_the_line_has_shown_to_carry_in_two_round_trips()
    {
        // 128 KiB, the first 8 KiB of it at once and the rest within 30 ticks: 4 KiB a tick, and a round trip has 200 of them.
        var session = WithRoundTrip(new YamuxOptions(), ticks: 200, out var now);
        var stream = Open(session, 1, now);
        session.OnHeader(new YamuxHeader(YamuxType.Data, YamuxFlags.None, 1, 128 * 1024), now);
        session.OnConsumed(stream, 8 * 1024, now);
        session.OnConsumed(stream, 120 * 1024, now + 30);
        Assert.Equal(2 * 200 * 4 * 1024, stream.Window);
    }

    [Fact]
    public void Silence_between_two_bursts_is_no_slowness_of_the_line()
    {
        // The tail of one burst, a round trip of silence while credit travels, and a burst of 4 KiB a tick: it alone counts.
        var session = WithRoundTrip(new YamuxOptions(), ticks: 200, out var now);
        var stream = Open(session, 1, now);
        session.OnHeader(new YamuxHeader(YamuxType.Data, YamuxFlags.None, 1, 128 * 1024), now);
        session.OnConsumed(stream, 4 * 1024, now);
        session.OnConsumed(stream, 4 * 1024, now + 200);
        session.OnConsumed(stream, 120 * 1024, now + 230);
        Assert.Equal(2 * 200 * 4 * 1024, stream.Window);
    }

    [Fact]
    public void Before_a_round_trip_is_measured_the_handshakes_stands_for_it()
    {
        var known = new YamuxSession(new YamuxOptions(), ConnectionRole.Listener, TicksPerSecond, 0, handshake: 200);
        var unknown = new YamuxSession(new YamuxOptions(), ConnectionRole.Listener, TicksPerSecond, 0);
        foreach (var session in new[] { known, unknown })
        {
            var stream = Open(session, 1, 0);
            session.OnHeader(new YamuxHeader(YamuxType.Data, YamuxFlags.None, 1, 128 * 1024), 0);
            session.OnConsumed(stream, 8 * 1024, 0);
            session.OnConsumed(stream, 120 * 1024, 30);
            Assert.Equal(0, session.RoundTrip);
        }

        Assert.Equal(2 * 200 * 4 * 1024, known.Streams.Single().Window);
        Assert.Equal(YamuxOptions.InitialWindow, unknown.Streams.Single().Window);
    }

    [Fact]
    public void Sessions_that_share_a_budget_grow_together_no_further_than_it_allows_and_give_back_what_they_took()
    {
        var budget = new ReceiveBudget(unreadMax: long.MaxValue, growthMax: 2 * 1024 * 1024);
        var sessions = Enumerable.Range(0, 3).Select(_ => WithRoundTrip(new YamuxOptions(), ticks: 60, out var _, budget)).ToList();
        foreach (var session in sessions)
        {
            var stream = Open(session, 1, 60);
            session.OnHeader(new YamuxHeader(YamuxType.Data, YamuxFlags.None, 1, 128 * 1024), 60);
            session.OnConsumed(stream, 128 * 1024, 60);
        }

        Assert.Equal(2 * 1024 * 1024, budget.Growth);
        Assert.Equal(budget.Growth, sessions.Sum(session => session.WindowGrowth));
        sessions[0].Reset(sessions[0].Streams.Single(), 0);
        sessions[1].CloseAll();
        sessions[2].CloseAll();
        Assert.Equal(0, budget.Growth);
    }

    [Fact]
    public void Streams_take_turns_frame_by_frame()
    {
        var session = new YamuxSession(new YamuxOptions(), ConnectionRole.Dialer, TicksPerSecond, 0);
        var ids = new List<uint>();
        for (var i = 0; i < 3; i++)
        {
            session.TryOpen(0, out var stream);
            session.OnQueued(stream!, 200_000);
        }

        while (session.TryNext(1024 * 1024, 0, out var next))
        {
            if (next.Header.Type == YamuxType.Data)
                ids.Add(next.Header.StreamId);
        }

        Assert.Equal([1, 3, 5, 1, 3, 5, 1, 3, 5, 1, 3, 5], ids);
    }

    private static YamuxSession WithRoundTrip(YamuxOptions options, long ticks, out long now, ReceiveBudget? budget = null)
    {
        var session = new YamuxSession(options, ConnectionRole.Listener, TicksPerSecond, 0, budget);
        Assert.True(session.TryNext(100, 0, out var ping));
        Assert.Equal(YamuxType.Ping, ping.Header.Type);
        now = ticks;
        session.OnHeader(new YamuxHeader(YamuxType.Ping, YamuxFlags.Ack, 0, ping.Header.Length), now);
        Assert.Equal(ticks, session.RoundTrip);
        return session;
    }

    private static StreamState Open(YamuxSession session, uint id, long now)
    {
        var opened = session.OnHeader(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Syn, id, 0), now);
        session.OnAccepted(opened.Stream!);
        return opened.Stream!;
    }

    private static YamuxHeader AnyHeader(Random random)
    {
        var type = (YamuxType)random.Next(4);
        var flags = random.Next(4) == 0 ? (YamuxFlags)random.Next(65536) : (YamuxFlags)(1 << random.Next(5));
        var id = type >= YamuxType.Ping && random.Next(4) > 0 ? 0u : random.Next(50) == 0 ? (uint)random.NextInt64() : (uint)random.Next(1, 30);
        var length = random.Next(20) switch
        {
            0 => (uint)random.NextInt64(),
            1 => uint.MaxValue,
            < 8 => 0u,
            _ => (uint)random.Next(20_000),
        };
        return new YamuxHeader(type, flags, id, length);
    }

    private static void AnyAction(YamuxSession session, Random random, long now)
    {
        var stream = session.Streams.ElementAtOrDefault(random.Next(20));
        switch (random.Next(9))
        {
            case 0:
                session.TryOpen(now, out _);
                break;
            case 1 when stream is not null:
                session.OnQueued(stream, random.Next(100_000));
                break;
            case 2 when stream is not null:
                session.OnConsumed(stream, (int)random.NextInt64(stream.Buffered + 1), now);
                break;
            case 3 when stream is not null:
                session.CloseWrite(stream);
                break;
            case 4 when stream is not null && random.Next(4) == 0:
                session.Reset(stream, 1);
                break;
            case 5 when stream is not null && random.Next(4) == 0:
                session.Abandon(stream, now, 100);
                break;
            case 6:
                session.FlushAcks();
                break;
            default:
                for (var i = 0; i < 5 && session.TryNext(random.Next(12, 100_000), now, out var next); i++)
                    Assert.InRange(next.Payload, 0, 100_000);
                break;
        }
    }
}
