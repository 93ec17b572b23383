using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Netabase.Actors.Paxos.Groups;
using Netabase.Actors.Paxos.Links;
using Netabase.Actors.Paxos.Wire;
using Netabase.Multiformats;
using Netabase.Protocol.Paxos;
using Netabase.Transport.Loopback;
using Netabase.Transport.Network;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>A member by its key that runs no cores: it says whatever the spec wants, and keeps what it hears.</summary>
internal sealed class HostileMember : IAsyncDisposable
{
    private const int FrameMax = 1 << 20;

    private readonly Swarm _network;
    private readonly LinkDoor _door;
    private readonly MemberLinks _links;

    private HostileMember(Swarm network)
    {
        var settings = new LinkSettings(FrameMax, 16 << 20, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(100));
        _network = network;
        _door = new LinkDoor(network, settings.HelloTimeout, TimeProvider.System);
        _links = new MemberLinks(network, _door, "ledger", settings, HearAsync, TimeProvider.System);
    }

    /// <summary>What members said to it, as they wrote it.</summary>
    public ConcurrentQueue<(PeerId From, byte[] Frame)> Heard { get; } = new();

    /// <summary>The life that a member of this key would have.</summary>
    public NodeId Life => LifeOf(_network.LocalPeer);

    public static async Task<HostileMember> JoinAsync(GroupWorld world, int place, int members)
    {
        var network = world.Connections.Join(world.KeyOf(place), options => options with
        {
            Dial = options.Dial with { BackoffBase = TimeSpan.FromMilliseconds(50), BackoffStep = TimeSpan.Zero },
        });
        await network.StartAsync();
        var hostile = new HostileMember(network);
        hostile._links.SetMembers([.. Enumerable.Range(0, members).Where(other => other != place).Select(
            other => new LinkMember(world.PeerOf(other), [LoopbackWorld.AddressOf(world.PeerOf(other))]))]);
        return hostile;
    }

    public static NodeId LifeOf(PeerId peer) => NodeLife.Derive("ledger", peer, 0);

    /// <summary>Says it, as soon as there is a stream with room.</summary>
    public async Task SayAsync(PeerId to, ReadOnlyMemory<byte> frame)
    {
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        while (!_links.TrySend(to, LinkLane.Votes, frame.Span))
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>A message as bytes, under whatever names.</summary>
    public static byte[] Write(NodeId from, NodeId to, PaxosMessage message, ulong config = 0)
    {
        var writer = new WireWriter(stackalloc byte[256]);
        MessageWriter.Write(ref writer, new Envelope(new GroupId("ledger"), new ConfigId(config), from, to, message), new BatchPacking(FrameMax));
        var bytes = writer.Written.ToArray();
        writer.Dispose();
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        await _links.DisposeAsync();
        _door.Close();
        await _network.DisposeAsync();
    }

    private ValueTask HearAsync(PeerId from, LinkLane lane, ReadOnlyMemory<byte> frame)
    {
        Heard.Enqueue((from, frame.ToArray()));
        return ValueTask.CompletedTask;
    }
}

/// <summary>What the nodes of this process refused since it began, by reason.</summary>
internal sealed class Refusals : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly MeterListener _listener = new();

    public Refusals()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "netabase.paxos.refused")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) => _counts.AddOrUpdate((string)tags[0].Value!, count, (_, before) => before + count));
        _listener.Start();
    }

    /// <summary>Until so many were refused for that reason.</summary>
    public async Task UntilAsync(string reason, long count)
    {
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        while (_counts.GetValueOrDefault(reason) < count)
        {
            Assert.False(deadline.IsCancellationRequested, $"{_counts.GetValueOrDefault(reason)} of {count} were refused as {reason}");
            await Task.Yield();
        }
    }

    public void Dispose() => _listener.Dispose();
}
