using System.Net;
using System.Net.Sockets;
using Netabase.Paxos.Benchmarks.Client;

namespace Netabase.Paxos.Benchmarks.Members;

/// <summary>Answers the load.</summary>
internal static class FrontServer
{
    private static int _told;

    public static async Task RunAsync(int port, IMember member)
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(64);
        while (true)
        {
            var socket = await listener.AcceptAsync().ConfigureAwait(false);
            socket.NoDelay = true;
            var channel = new FrontChannel(socket);
            _ = channel.RunAsync(frame => _ = AnswerAsync(channel, member, frame));
        }
    }

    private static async Task AnswerAsync(FrontChannel channel, IMember member, FrontFrame frame)
    {
        byte answer;
        var applied = frame.Kind == Front.Status ? BitConverter.GetBytes(member.AppliedThrough) : [];
        try
        {
            var done = frame.Kind switch
            {
                Front.Write => await member.WriteAsync(frame.First, frame.Second).ConfigureAwait(false),
                Front.Read => await member.ReadAsync(frame.First).ConfigureAwait(false),
                _ => member.IsLeader,
            };
            answer = done ? Front.Ok : Front.NotLeader;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            answer = Front.Failed;
            if (Interlocked.Exchange(ref _told, 1) == 0)
            {
                await Console.Error.WriteLineAsync($"  (the first operation that failed at a member: {failure.Message})").ConfigureAwait(false);
            }
        }

        await channel.SendAsync(Front.Frame(frame.Number, answer, applied, [])).ConfigureAwait(false);
    }
}
