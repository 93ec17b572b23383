using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Netabase.Actors.Paxos;
using Netabase.Multiformats;
using Netabase.Persistence;
using Netabase.Persistence.Sqlite.Journal;
using Netabase.Transport.Connections;
using Netabase.Transport.Framing;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;

namespace Netabase.Paxos.Benchmarks;

/// <summary>What no consensus on this machine can be quicker than: a synced append, a round trip, and the journal that is between them.</summary>
internal static class Floor
{
    private const int Rounds = 2000;
    private const int Bytes = 256;
    private static readonly ProtocolId Echo = new("/netabase-benchmarks/echo/1.0.0");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>Medians in microseconds: one synced append, one round trip.</returns>
    public static async Task<(double Sync, double RoundTrip)> RunAsync(string folder)
    {
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"floor, {Bytes} B, {Rounds} rounds"));
        var sync = Tell("append and sync of a file", Sync(folder));
        var roundTrip = Tell("round trip, Noise and Yamux over TCP", await RoundTripAsync().ConfigureAwait(false));
        Tell("one journal event (SQLite)", await JournalAsync(folder).ConfigureAwait(false));
        return (sync, roundTrip);
    }

    private static double[] Sync(string folder)
    {
        using var file = File.OpenHandle(Path.Combine(folder, "floor"), FileMode.Create, FileAccess.Write, preallocationSize: Rounds * Bytes);
        var block = new byte[Bytes];
        var at = 0L;
        return Measure(() =>
        {
            RandomAccess.Write(file, block, at);
            RandomAccess.FlushToDisk(file);
            at += Bytes;
        });
    }

    private static async Task<double[]> RoundTripAsync()
    {
        using var leftIdentity = PrivateKey.Generate();
        using var rightIdentity = PrivateKey.Generate();
        using var leftStack = new StandardStack(leftIdentity);
        using var rightStack = new StandardStack(rightIdentity);
        await using var left = Swarm.Create(leftStack.Options);
        await using var right = Swarm.Create(rightStack.Options with { ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")] });
        right.Handle(Echo, (stream, stop) => RunEchoAsync(new FramedChannel(stream), stop));
        await left.StartAsync().ConfigureAwait(false);
        await right.StartAsync().ConfigureAwait(false);
        await left.ConnectAsync(right.LocalPeer, right.ListenAddresses).ConfigureAwait(false);
        await using var channel = new FramedChannel(await left.OpenStreamAsync(right.LocalPeer, [Echo]).ConfigureAwait(false));
        using var end = new CancellationTokenSource();
        var sending = channel.RunAsync(end.Token);
        var block = new byte[Bytes];
        var times = new double[Rounds];
        for (var i = 0; i < Rounds; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            channel.TrySend(block);
            await channel.ReadAsync(end.Token).ConfigureAwait(false);
            times[i] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
        }

        await end.CancelAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        return times;
    }

    private static async Task RunEchoAsync(FramedChannel channel, CancellationToken stop)
    {
        var sending = channel.RunAsync(stop);
        while (await channel.ReadAsync(stop).ConfigureAwait(false) is { } frame)
        {
            channel.TrySend(frame.Span);
        }

        await sending.WaitAsync(Patience, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task<double[]> JournalAsync(string path)
    {
        using var folder = DataFolder.Open(Path.Combine(path, "data"), "memory");
        using var journal = new SqliteJournalBackend(TimeSpan.FromSeconds(5)).Open(folder, "floor", "floor");
        var system = ActorSystem.Create("floor", ConfigurationFactory.ParseString("akka.loglevel = WARNING"));
        JournalPlugins.Install(system, journal);
        var writer = system.ActorOf(Props.Create(() => new Writer(journal.JournalPlugin, journal.SnapshotPlugin)));
        var block = new byte[Bytes];
        var times = new double[Rounds];
        for (var i = 0; i < Rounds; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await writer.Ask<byte[]>(block, Patience).ConfigureAwait(false);
            times[i] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
        }

        await system.Terminate().ConfigureAwait(false);
        return times;
    }

    private static double[] Measure(Action once)
    {
        var times = new double[Rounds];
        for (var i = 0; i < Rounds; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            once();
            times[i] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
        }

        return times;
    }

    /// <returns>The median.</returns>
    public static double Tell(string what, double[] times)
    {
        Array.Sort(times);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  {what,-38} p50 {times[times.Length / 2],7:0} us  p99 {times[times.Length * 99 / 100],7:0} us"));
        return times[times.Length / 2];
    }

    private sealed class Writer : ReceivePersistentActor
    {
        public Writer(string journal, string snapshots)
        {
            JournalPluginId = journal;
            SnapshotPluginId = snapshots;
            Recover<byte[]>(_ => { });
            Command<byte[]>(block => PersistAsync(block, written => Sender.Tell(written)));
        }

        public override string PersistenceId => "floor";
    }
}
