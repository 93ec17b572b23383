using Netabase.Transport.Connections;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Specs.Yamux;

/// <summary>Two cores that exchange headers through queues while their applications do anything allowed, in an order given by a seed.</summary>
internal sealed class TwoSessions
{
    private readonly Random _random;
    private readonly YamuxSession[] _sessions;
    private readonly Queue<YamuxHeader>[] _towards = [new(), new()];
    private readonly Queue<StreamState>[] _unaccepted = [new(), new()];
    private readonly int _seed;
    private long _now;
    private long _delivered;

    internal TwoSessions(YamuxOptions options, int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        _sessions = [new(options, ConnectionRole.Dialer, 1000, 0), new(options, ConnectionRole.Listener, 1000, 0)];
    }

    /// <summary>Runs, then lets everything come to rest. Returns payload bytes that were delivered.</summary>
    internal long Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            _now += _random.Next(5);
            Act(_random.Next(2));
        }

        for (var rounds = 0; rounds < 10_000 && (Settle() || EndLinger()); rounds++)
        {
        }

        for (var side = 0; side < 2; side++)
        {
            Assert.False(_sessions[side].HasWork);
            Assert.True(_sessions[side].StreamCount == 0, $"seed {_seed}: {_sessions[side].StreamCount} streams did not end");
            Assert.Equal(0, _sessions[side].WindowGrowth);
        }

        return _delivered;
    }

    private void Act(int side)
    {
        var session = _sessions[side];
        var stream = session.Streams.ElementAtOrDefault(_random.Next(12));
        switch (_random.Next(12))
        {
            case 0:
                session.TryOpen(_now, out _);
                break;
            case 1 when _unaccepted[side].TryDequeue(out var waiting):
                session.OnAccepted(waiting);
                break;
            case 2 or 3 when stream is { FinDue: false }:
                session.OnQueued(stream, _random.Next(200_000));
                break;
            case 4 or 5 when stream is not null:
                session.OnConsumed(stream, (int)_random.NextInt64(stream.Buffered + 1), _now);
                break;
            case 6 when stream is not null && _random.Next(5) == 0:
                session.CloseWrite(stream);
                break;
            case 7 when stream is not null && _random.Next(20) == 0:
                session.Reset(stream, 3);
                break;
            case 8 when stream is not null && _random.Next(20) == 0:
                session.CloseWrite(stream);
                session.Abandon(stream, _now, 100);
                break;
            case 9:
                session.FlushAcks();
                break;
            default:
                Send(side);
                Receive(1 - side);
                break;
        }
    }

    private bool Settle()
    {
        var moved = false;
        for (var side = 0; side < 2; side++)
        {
            while (_unaccepted[side].TryDequeue(out var waiting))
                _sessions[side].OnAccepted(waiting);
            _sessions[side].FlushAcks();
            foreach (var stream in _sessions[side].Streams.ToArray())
            {
                _sessions[side].OnConsumed(stream, (int)stream.Buffered, _now);
                _sessions[side].CloseWrite(stream);
            }

            moved |= Send(side);
            moved |= Receive(1 - side);
        }

        return moved;
    }

    /// <summary>
    /// What the connection's timer does: two ends that both walked away with bytes unsent wait for each other's window, and
    /// for nothing else.
    /// </summary>
    private bool EndLinger()
    {
        var any = false;
        for (var side = 0; side < 2; side++)
        {
            foreach (var stream in _sessions[side].Streams.Where(stream => stream.Abandoned).ToArray())
            {
                Assert.True(stream is { Unsent: > 0, SendWindow: 0 } or { FinSent: true }, $"seed {_seed}: stream {stream.Id} lingers for no reason");
                any |= _sessions[side].Reset(stream, 0);
            }
        }

        return any;
    }

    private bool Send(int side)
    {
        var any = false;
        for (var i = 0; i < 8 && _sessions[side].TryNext(_random.Next(2_000, 150_000), _now, out var next); i++)
        {
            _towards[1 - side].Enqueue(next.Header);
            any = true;
        }

        return any;
    }

    private bool Receive(int side)
    {
        var any = false;
        for (var i = _random.Next(1, 8); i > 0 && _towards[side].TryDequeue(out var header); i--)
        {
            any = true;
            var reception = _sessions[side].OnHeader(header, _now);
            Assert.True(reception.Kind != ReceptionKind.Violation, $"seed {_seed}: {reception.Reason} at {header}");
            if (reception.Has(ReceptionEvents.Opened))
                _unaccepted[side].Enqueue(reception.Stream!);
            if (reception.Kind == ReceptionKind.Payload)
                _delivered += reception.Length;
        }

        return any;
    }
}
