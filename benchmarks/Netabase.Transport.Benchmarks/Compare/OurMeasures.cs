using System.Diagnostics;
using System.Security.Cryptography;
using Netabase.Multiformats;
using Netabase.Transport.Network;
using Netabase.Transport.Perf;
using Netabase.Transport.Ping;

namespace Netabase.Transport.Benchmarks.Compare;

/// <summary>What js/measures.js does with js-libp2p, done with our node as the dialer. Times are milliseconds.</summary>
internal sealed class OurMeasures(Swarm dialer)
{
    /// <summary>Bytes that this process allocated during the newest measure.</summary>
    public long Allocated { get; private set; }

    /// <summary>To a connection on which Identify has answered, closed again each time.</summary>
    public async Task<double[]> DialAsync(Multiaddr address, int count)
    {
        using var events = dialer.Subscribe();
        return await TimedAsync(
            count,
            async () =>
            {
                await dialer.ConnectAsync(address);
                while (await events.ReadAsync() is not NetworkEvent.PeerIdentified)
                {
                }
            },
            () => DisconnectAsync(address));
    }

    public Task<double[]> FirstAnswerAsync(Multiaddr address, int count) =>
        TimedAsync(
            count,
            async () =>
            {
                await dialer.ConnectAsync(address);
                await NewStreamPingAsync(address);
            },
            () => DisconnectAsync(address));

    public async Task<double[]> StreamsAsync(Multiaddr address, int count)
    {
        await dialer.ConnectAsync(address);
        await NewStreamPingAsync(address);
        var times = await TimedAsync(count, () => NewStreamPingAsync(address), () => Task.CompletedTask);
        await DisconnectAsync(address);
        return times;
    }

    public async Task<double[]> EchoAsync(Multiaddr address, int count)
    {
        await dialer.ConnectAsync(address);
        await using var stream = await dialer.OpenStreamAsync(address.Peer!.Value, [OurPeer.Echo]);
        var request = RandomNumberGenerator.GetBytes(32);
        var answer = new byte[32];
        var times = await TimedAsync(count, () => RoundTripAsync(stream, request, answer), () => Task.CompletedTask);
        await DisconnectAsync(address);
        return times;
    }

    public async Task<double[]> BulkAsync(Multiaddr address, int bytes)
    {
        await dialer.ConnectAsync(address);
        var peer = address.Peer!.Value;
        var times = await TimedAsync(
            1, async () => await PerfService.MeasureAsync(dialer, peer, bytes, 0), () => Task.CompletedTask);
        await DisconnectAsync(address);
        return times;
    }

    /// <summary>So many peers, each with one connection that has been identified and is silent; the caller disposes them.</summary>
    public static async Task<List<Swarm>> ConnectManyAsync(Multiaddr address, int count)
    {
        var peers = new List<Swarm>(count);
        for (var number = 0; number < count; number++)
        {
            var peer = OurPeer.Create(listens: false);
            peers.Add(peer);
            await peer.StartAsync();
            using var events = peer.Subscribe();
            await peer.ConnectAsync(address);
            while (await events.ReadAsync() is not NetworkEvent.PeerIdentified)
            {
            }
        }

        return peers;
    }

    /// <summary>Forgets what Identify told as well: the next dial must go where it is sent, through the proxy or not.</summary>
    private async Task DisconnectAsync(Multiaddr address)
    {
        await dialer.DisconnectAsync(address.Peer!.Value);
        dialer.Peers.RemovePeer(address.Peer.Value);
    }

    private async Task NewStreamPingAsync(Multiaddr address)
    {
        await using var stream = await dialer.OpenStreamAsync(address.Peer!.Value, [PingService.Protocol]);
        await RoundTripAsync(stream, new byte[32], new byte[32]);
        await stream.CloseWriteAsync(CancellationToken.None);
    }

    private static async Task RoundTripAsync(IPeerStream stream, byte[] request, byte[] answer)
    {
        await stream.WriteAsync(request, CancellationToken.None);
        for (var at = 0; at < answer.Length;)
        {
            var count = await stream.ReadAsync(answer.AsMemory(at), CancellationToken.None);
            at += count > 0 ? count : throw new InvalidOperationException("The stream ended within a round trip.");
        }
    }

    private async Task<double[]> TimedAsync(int count, Func<Task> measured, Func<Task> afterwards)
    {
        var times = new double[count];
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var number = 0; number < count; number++)
        {
            var started = Stopwatch.GetTimestamp();
            await measured();
            times[number] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            await afterwards();
        }

        Allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        return times;
    }
}
