using Akka.Actor;
using Akka.Configuration;
using Netabase.Actors.Node;
using Netabase.Actors.Settings;
using Netabase.Interop.Node;
using Netabase.Multiformats;
using Netabase.Persistence.Memory;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Records;

namespace Netabase.Interop.Live;

/// <summary>What the nodes of these specs hold beside foreign keys.</summary>
[NetabaseDefinition("interop")]
public static partial class Shared
{
    [NetabaseModel(1)]
    public sealed partial record Line
    {
        [PrimaryKey(1)]
        public required int Id { get; init; }

        [Field(2)]
        public required string Text { get; init; }
    }
}

/// <summary>A whole node of ours beside js-libp2p's DHT.</summary>
internal sealed class DhtNode : IAsyncDisposable
{
    private const string Protocol = "/netabase-interop/kad/1.0.0";

    private readonly ActorSystem _system;

    private DhtNode(ActorSystem system, NetabaseNode node) => (_system, Node) = (system, node);

    /// <summary>The longest that anything here is waited for.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(90);

    public NetabaseNode Node { get; }

    public string Id => Node.LocalPeer!.Value.ToString();

    /// <summary>
    /// How js-libp2p takes part with us. It finds the rules of a key by what stands between its first two slashes: in keys of our
    /// models that is the tag.
    /// </summary>
    public static JsPeerOptions Js(bool server = true) =>
        JsPeerOptions.Default with { Dht = new JsDhtOptions(Protocol, server, ["netabase", "\0\u0001"]) };

    /// <summary>Starts one that knows a peer's address.</summary>
    public static async Task<DhtNode> StartAsync(string? bootstrap = null, string mode = "server")
    {
        var settings = NetabaseSettings.Create(ConfigurationFactory.ParseString($$"""
            netabase {
              network { mode = {{mode}}, mdns.enabled = off, listen = ["/ip4/127.0.0.1/tcp/0"], bootstrap = [{{(bootstrap is null ? "" : $"\"{bootstrap}\"")}}] }
              kademlia.protocol = "{{Protocol}}"
            }
            """));
        var node = new NetabaseNode(new NodeSetup(settings, [Shared.Definition], new MemoryBackend(1 << 24)) { Validators = [new AnyBytes()] });
        var made = new DhtNode(ActorSystem.Create("interop", "akka { loglevel = WARNING, stdout-loglevel = OFF }"), node);
        await node.StartAsync(made._system);
        await node.StartSwarmAsync();
        return made;
    }

    /// <summary>Its address, as js-libp2p dials it.</summary>
    public async Task<string> AddressAsync() => (await Node.GetListenAddressesAsync())[0].ToString();

    /// <summary>Waits until a peer is in its routing table.</summary>
    public async Task KnowAsync(string peer)
    {
        var wanted = PeerId.Parse(peer);
        await using var events = Node.SubscribeToBroadcasts();
        if ((await Node.GetRoutesAsync()).Any(route => route.Peer == wanted))
        {
            return;
        }

        using var deadline = new CancellationTokenSource(Patience);
        await foreach (var happened in events.WithCancellation(deadline.Token))
        {
            if (happened is RoutingEvent.RoutingUpdated { IsIn: true } updated && updated.Peer == wanted)
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await _system.Terminate();
    }

    /// <summary>The rules of <c>js/dht.js</c>: every byte string is a record, and of two the greater one is better.</summary>
    private sealed class AnyBytes : IRecordValidator
    {
        public bool Covers(ReadOnlySpan<byte> key) => key.StartsWith("/netabase/"u8);

        public RecordJudgement Validate(Payload key, Payload value, long now) =>
            new RecordJudgement.Accepted(new DhtRecord(key, value, new RecordMetadata(HybridTimestamp.Zero)), RecordStanding.First);

        public int Compare(DhtRecord one, DhtRecord other) => one.Envelope.CompareTo(other.Envelope);
    }
}
