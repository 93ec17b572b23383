using System.Buffers;
using System.Diagnostics;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Network;
using Netabase.Transport.RequestResponse;

namespace Netabase.Transport.Benchmarks.Compare;

/// <summary>Requests of 32 bytes that are answered with themselves, through <see cref="RequestClient{TRequest,TResponse}"/>.</summary>
internal static class Requests
{
    private const int InFlight = 64;

    private static readonly RequestProtocol<byte[], byte[]> Protocol = new(new ProtocolId("/netabase-interop/request/1.0.0"), Plain.Codec, Plain.Codec);

    public static void Answer(IPeerNetwork network) =>
        network.Serve(Protocol, (_, request, _) => new ValueTask<byte[]?>(request));

    /// <summary>How many are answered in a second with so many under way at once over one connection.</summary>
    public static async Task<double> PerSecondAsync(Swarm dialer, Multiaddr address, int count)
    {
        await dialer.ConnectAsync(address);
        await using var client = new RequestClient<byte[], byte[]>(dialer, Protocol, new RequestSettings { ParallelPerPeer = InFlight });
        var peer = address.Peer!.Value;
        var request = new byte[32];
        var left = count;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await client.SendAsync(peer, request);
            }
        }));
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private sealed class Plain : IMessageCodec<byte[]>
    {
        public static readonly Plain Codec = new();

        public void Encode(byte[] message, IBufferWriter<byte> writer) => writer.Write(message);

        public byte[] Decode(ReadOnlySpan<byte> bytes) => bytes.ToArray();
    }
}
