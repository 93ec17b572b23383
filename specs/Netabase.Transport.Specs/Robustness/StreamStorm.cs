using System.Collections.Concurrent;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Network;

namespace Netabase.Transport.Specs.Robustness;

/// <summary>How the streams of a storm ended. What is neither done nor failed has hung.</summary>
internal sealed class StormTally
{
    private readonly ConcurrentDictionary<string, int> _ended = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _wrong = new();

    /// <summary>Streams that did all they were meant to.</summary>
    public int Done => Count("done");

    /// <summary>Streams that a fault ended, and that said so.</summary>
    public int Failed => _ended.Where(end => end.Key != "done").Sum(end => end.Value);

    /// <summary>Wrong bytes, hangs and undocumented exceptions, in words.</summary>
    public IReadOnlyCollection<string> Wrong => _wrong;

    public void Ended(string how) => _ended.AddOrUpdate(how, 1, (_, count) => count + 1);

    public void WentWrong(string what) => _wrong.Enqueue(what);

    public override string ToString() =>
        string.Join(", ", _ended.OrderByDescending(end => end.Value).Select(end => $"{end.Value} {end.Key}"));

    private int Count(string how) => _ended.GetValueOrDefault(how);
}

/// <summary>
/// Opens streams by the thousand from several dialers to one listener and lets each live one of a dozen lives: whole, half-closed,
/// slow, reset by either side, cancelled, abandoned.
/// </summary>
internal sealed class StreamStorm(int seed, IReadOnlyList<Swarm> dialers, PeerId target)
{
    /// <summary>A stream that takes longer has hung: no fault delays by more than a few milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly ProtocolId Echo = new("/storm/echo");
    private static readonly ProtocolId Cut = new("/storm/cut");
    private static readonly ProtocolId Slow = new("/storm/slow");
    private static readonly ProtocolId Leave = new("/storm/leave");
    private static readonly ProtocolId Stay = new("/storm/stay");

    private int _next;

    public StormTally Tally { get; } = new();

    /// <summary>Answers the storm's protocols.</summary>
    public static void Answer(IPeerNetwork network)
    {
        var plenty = new StreamLimits(100_000, 100_000);
        network.Handle(Echo, (stream, stop) => EchoAsync(stream, 64 * 1024, stop), plenty);
        network.Handle(Slow, (stream, stop) => EchoAsync(stream, 61, stop), plenty);
        network.Handle(Leave, (_, _) => Task.CompletedTask, plenty);
        network.Handle(
            Cut,
            async (stream, stop) =>
            {
                await stream.ReadAsync(new byte[100], stop);
                stream.Reset(7);
            },
            plenty);
        network.Handle(Stay, async (stream, stop) => await stream.ReadAsync(new byte[1], stop), plenty);
    }

    /// <summary>Runs so many streams, so many of them at once.</summary>
    public async Task RunAsync(int streams, int atOnce) =>
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => LaneAsync(streams)));

    private static async Task EchoAsync(IPeerStream stream, int piece, CancellationToken stop)
    {
        var buffer = new byte[piece];
        while (await stream.ReadAsync(buffer, stop) is var count and > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count), stop);
        }
    }

    private async Task LaneAsync(int streams)
    {
        while (Interlocked.Increment(ref _next) is var number && number <= streams)
        {
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                await LiveAsync(new Random(HashCode.Combine(seed, number)), dialers[number % dialers.Count], patience.Token);
                Tally.Ended("done");
            }
            catch (TransportException fault)
            {
                Tally.Ended(fault.Error.ToString());
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested)
            {
                Tally.WentWrong($"stream {number} hung");
            }
            catch (Exception unexpected)
            {
                Tally.WentWrong($"stream {number}: {unexpected}");
            }
        }
    }

    private async Task LiveAsync(Random chance, Swarm dialer, CancellationToken stop)
    {
        switch (chance.Next(20))
        {
            case < 8:
                await RoundTripAsync(chance, dialer, Echo, chance.Next(1, 2000), stop);
                break;
            case 8:
                await RoundTripAsync(chance, dialer, Echo, chance.Next(2000, 400_000), stop);
                break;
            case < 12:
                await RoundTripAsync(chance, dialer, Slow, chance.Next(1, 3000), stop);
                break;
            case < 14:
                await ResetByThemAsync(dialer, stop);
                break;
            case < 16:
                await ResetByUsAsync(chance, dialer, stop);
                break;
            case 16:
                await TheyLeaveAsync(chance, dialer, stop);
                break;
            case 17:
                await AbandonAsync(chance, dialer, stop);
                break;
            default:
                await CancelAsync(dialer, stop);
                break;
        }
    }

    private ValueTask<IPeerStream> OpenAsync(Swarm dialer, ProtocolId protocol, CancellationToken stop) =>
        dialer.OpenStreamAsync(target, [protocol], stop);

    /// <summary>Writes in pieces, closes our side, and expects the same bytes and then the end.</summary>
    private async Task RoundTripAsync(Random chance, Swarm dialer, ProtocolId protocol, int bytes, CancellationToken stop)
    {
        await using var stream = await OpenAsync(dialer, protocol, stop);
        var sent = new byte[bytes];
        chance.NextBytes(sent);
        var received = new byte[bytes + 1];
        var reading = ReadToEndAsync(stream, received, chance.Next(4) == 0 ? 97 : received.Length, stop);
        try
        {
            for (var at = 0; at < bytes;)
            {
                var piece = Math.Min(chance.Next(1, bytes + 1), bytes - at);
                await stream.WriteAsync(sent.AsMemory(at, piece), stop);
                at += piece;
            }

            await stream.CloseWriteAsync(stop);
        }
        catch
        {
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        var count = await reading;
        if (count != bytes || !received.AsSpan(0, count).SequenceEqual(sent))
        {
            Tally.WentWrong($"an echo of {bytes} bytes came back as {count} others");
        }
    }

    private static async Task<int> ReadToEndAsync(IPeerStream stream, byte[] into, int piece, CancellationToken stop)
    {
        var at = 0;
        while (at < into.Length && await stream.ReadAsync(into.AsMemory(at, Math.Min(piece, into.Length - at)), stop) is var count and > 0)
        {
            at += count;
        }

        return at;
    }

    private async Task ResetByThemAsync(Swarm dialer, CancellationToken stop)
    {
        await using var stream = await OpenAsync(dialer, Cut, stop);
        await stream.WriteAsync(new byte[10], stop);
        try
        {
            var count = await stream.ReadAsync(new byte[1], stop);
            Tally.WentWrong($"a stream that the peer reset read {count} bytes");
        }
        catch (TransportException reset) when (reset.Error == TransportError.StreamReset)
        {
            // As it should be.
        }
    }

    private async Task ResetByUsAsync(Random chance, Swarm dialer, CancellationToken stop)
    {
        await using var stream = await OpenAsync(dialer, Echo, stop);
        await stream.WriteAsync(new byte[chance.Next(1, 100_000)], stop);
        stream.Reset(9);
    }

    private async Task TheyLeaveAsync(Random chance, Swarm dialer, CancellationToken stop)
    {
        await using var stream = await OpenAsync(dialer, Leave, stop);
        await stream.WriteAsync(new byte[chance.Next(1, 2000)], stop);
        var received = new byte[1];
        if (await stream.ReadAsync(received, stop) != 0)
        {
            Tally.WentWrong("a peer that left at once said something");
        }
    }

    private async Task AbandonAsync(Random chance, Swarm dialer, CancellationToken stop)
    {
        await using var stream = await OpenAsync(dialer, Echo, stop);
        if (chance.Next(2) == 0)
        {
            await stream.WriteAsync(new byte[chance.Next(1, 5000)], stop);
        }
    }

    /// <summary>A read that is cancelled leaves a stream that can be closed.</summary>
    private async Task CancelAsync(Swarm dialer, CancellationToken stop)
    {
        await using var stream = await OpenAsync(dialer, Stay, stop);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var reading = stream.ReadAsync(new byte[1], enough.Token).AsTask();
        await enough.CancelAsync();
        try
        {
            await reading;
            Tally.WentWrong("a cancelled read of a silent stream returned");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // As it should be.
        }
    }
}
