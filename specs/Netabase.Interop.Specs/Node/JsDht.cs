using System.Text.Json.Nodes;

namespace Netabase.Interop.Node;

/// <summary>The DHT of a js-libp2p peer (<c>@libp2p/kad-dht</c>).</summary>
/// <param name="Protocol">Its name in multistream-select.</param>
/// <param name="Server">Whether it answers; a client only asks. Changed at any time by <see cref="JsDht.SetModeAsync"/>.</param>
/// <param name="Namespaces">
/// The first parts of the keys it takes beside <c>pk</c> (<c>netabase</c> for <c>/netabase/...</c>): any bytes are a record there, and the
/// greater ones are better.
/// </param>
/// <param name="BucketSize">Its k; null for its own default, 20.</param>
public sealed record JsDhtOptions(string Protocol, bool Server = true, string[]? Namespaces = null, int? BucketSize = null)
{
    internal JsonObject ToJson() => new()
    {
        ["protocol"] = Protocol,
        ["server"] = Server,
        ["namespaces"] = new JsonArray([.. (Namespaces ?? []).Select(name => JsonValue.Create(name))]),
        ["k"] = BucketSize,
    };
}

/// <summary>What a query of js-libp2p met on its way.</summary>
/// <param name="Answers">Peers that answered, over all requests of the query.</param>
/// <param name="Errors">What single peers did wrong; none of it ended the query.</param>
public sealed record JsQuery(int Answers, string[] Errors);

/// <summary>A peer as js-libp2p tells of it.</summary>
public sealed record JsFoundPeer(string Peer, string[] Addresses);

/// <summary>The DHT commands of <c>js/dht.js</c>, for a peer that was started with <see cref="JsPeerOptions.Dht"/>.</summary>
public static class JsDht
{
    /// <summary>Stores a record at itself and at the closest peers; the key is raw bytes such as <c>/netabase/...</c>.</summary>
    public static async Task<JsQuery> PutAsync(this JsPeer peer, byte[] key, byte[] value) =>
        Query(await peer.CallAsync("dhtPut", ("key", Hex(key)), ("value", Hex(value))));

    /// <summary>The best value, or null; it repairs stale replicas on its way.</summary>
    public static async Task<(byte[]? Value, JsQuery Query)> GetAsync(this JsPeer peer, byte[] key)
    {
        var answer = await peer.CallAsync("dhtGet", ("key", Hex(key)));
        return ((string?)answer["value"] is { } hex ? Convert.FromHexString(hex) : null, Query(answer));
    }

    /// <summary>Says at the closest peers that it has what that multihash names.</summary>
    public static async Task<JsQuery> ProvideAsync(this JsPeer peer, byte[] multihash) =>
        Query(await peer.CallAsync("dhtProvide", ("multihash", Hex(multihash))));

    /// <summary>Who says to have what that multihash names.</summary>
    public static async Task<JsFoundPeer[]> FindProvidersAsync(this JsPeer peer, byte[] multihash) =>
        Peers((await peer.CallAsync("dhtFindProviders", ("multihash", Hex(multihash))))["providers"]!);

    /// <summary>A peer by its id, or null.</summary>
    public static async Task<JsFoundPeer?> FindPeerAsync(this JsPeer peer, string wanted) =>
        (await peer.CallAsync("dhtFindPeer", ("peer", wanted)))["found"] is { } found ? Peer(found) : null;

    /// <summary>The closest peers to a key, nearest ones last or first as they were found.</summary>
    public static async Task<JsFoundPeer[]> ClosestAsync(this JsPeer peer, byte[] key) =>
        Peers((await peer.CallAsync("dhtClosest", ("key", Hex(key))))["peers"]!);

    /// <summary>Makes it answer or not; a server that becomes a client says so by an Identify push.</summary>
    public static async Task SetModeAsync(this JsPeer peer, bool server) =>
        await peer.CallAsync("dhtMode", ("mode", server ? "server" : "client"));

    /// <summary>Waits until its routing table holds so many peers (it takes one in some time after it was identified); how many there are.</summary>
    public static async Task<int> TableAsync(this JsPeer peer, int least) =>
        (int)(await peer.CallAsync("dhtTable", ("least", least)))["size"]!;

    /// <summary>So many gets of these keys in turn, so many of them under way at once; how long they took together.</summary>
    public static async Task<TimeSpan> MeasureGetsAsync(this JsPeer peer, IEnumerable<byte[]> keys, int count, int parallel)
    {
        var wanted = new JsonArray([.. keys.Select(key => JsonValue.Create(Hex(key)))]);
        var answer = await peer.CallAsync("dhtMeasureGets", ("keys", wanted), ("count", count), ("parallel", parallel));
        return TimeSpan.FromMilliseconds((double)answer["milliseconds"]!);
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static JsQuery Query(JsonObject answer) =>
        new((int)answer["answers"]!, [.. answer["errors"]!.AsArray().Select(error => (string)error!)]);

    private static JsFoundPeer[] Peers(JsonNode peers) => [.. peers.AsArray().Select(peer => Peer(peer!))];

    private static JsFoundPeer Peer(JsonNode peer) =>
        new((string)peer["peer"]!, [.. peer["addresses"]!.AsArray().Select(address => (string)address!)]);
}
