using System.Net.Sockets;
using Netabase.Transport;
using Netabase.Transport.Network;

namespace Netabase.Daemon;

/// <summary>Carries bytes between a control client and a peer's stream until both directions have ended.</summary>
internal static class StreamBridge
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Passes each side's end on to the other; a failure on one side cuts the other.</summary>
    public static async Task RunAsync(ControlChannel client, IPeerStream stream, CancellationToken cancellation)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var toPeer = ToPeerAsync(client, stream, cut.Token);
        var toClient = ToClientAsync(stream, client, cut.Token);
        try
        {
            await await Task.WhenAny(toPeer, toClient);
            await Task.WhenAll(toPeer, toClient);
        }
        catch (Exception error) when (error is TransportException or SocketException or OperationCanceledException)
        {
            stream.Reset();
            client.Dispose();
            await cut.CancelAsync();
            await Task.WhenAll(toPeer, toClient).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task ToPeerAsync(ControlChannel client, IPeerStream stream, CancellationToken cancellation)
    {
        var buffer = new byte[BufferSize];
        while (await client.ReadAsync(buffer, cancellation) is var count and > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellation);
        }

        await stream.CloseWriteAsync(cancellation);
    }

    private static async Task ToClientAsync(IPeerStream stream, ControlChannel client, CancellationToken cancellation)
    {
        var buffer = new byte[BufferSize];
        while (await stream.ReadAsync(buffer, cancellation) is var count and > 0)
        {
            await client.WriteAsync(buffer.AsMemory(0, count), cancellation);
        }

        client.CloseWrite();
    }
}
