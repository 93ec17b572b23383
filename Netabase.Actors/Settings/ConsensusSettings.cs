using System.Collections.Immutable;
using Akka.Configuration;
using Netabase.Actors.Paxos.Links;
using Netabase.Actors.Paxos.Parts;
using Netabase.Multiformats;
using Netabase.Persistence.Consensus;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Settings;

/// <summary>Replicated logs (<c>netabase.paxos</c>).</summary>
/// <param name="Journal">Where acceptors keep their votes.</param>
/// <param name="All">The groups of this node, by name.</param>
public sealed record ConsensusSettings(JournalSettings Journal, ImmutableArray<GroupSettings> All)
{
    internal const string Groups = "netabase.paxos.groups";
    private const string Defaults = "netabase.paxos.defaults";

    internal static ConsensusSettings Create(SettingsReader all)
    {
        // Whether or not a group takes anything from them.
        GroupSettings.Create("defaults", all.Below("defaults"), all);
        var groups = all.Names("groups").Select(name => GroupSettings.Create(name, all.Named($"groups.{name}", "defaults"), all)).ToImmutableArray();
        foreach (var definition in groups.SelectMany(group => group.Definitions).GroupBy(name => name).Where(named => named.Count() > 1))
        {
            throw all.Wrong("groups", definition.Key, "is a definition of two groups; its records would have two orders");
        }

        return new ConsensusSettings(JournalSettings.Create(all.Below("journal")), groups);
    }

    /// <summary>Every group may have the keys of the defaults, and no others.</summary>
    internal static void RefuseUnknown(Config config, Config reference)
    {
        var known = reference.GetValue(Defaults);
        foreach (var name in new SettingsReader(config, "netabase.paxos").Names("groups"))
        {
            UnknownKeys.Refuse(config, known, $"{Groups}.{name}");
        }
    }
}

/// <summary>Where acceptors keep their votes (<c>netabase.paxos.journal</c>).</summary>
/// <param name="Backend">Which journal, by its plug's name.</param>
/// <param name="BusyTimeout">How long a write waits for its file.</param>
/// <param name="ConnectionString">Where the database is, for one in a server.</param>
/// <param name="CommandTimeout">How long a statement there may take.</param>
public sealed record JournalSettings(string Backend, TimeSpan BusyTimeout, string ConnectionString, TimeSpan CommandTimeout)
{
    internal static JournalSettings Create(SettingsReader all) => new(
        all.Text("backend"),
        all.Duration("busy-timeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)),
        all.Text("connection-string"),
        all.Duration("command-timeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)));
}

/// <summary>A founder of a group.</summary>
/// <param name="Peer">Who it proves to be.</param>
/// <param name="Addresses">Where to look for it first.</param>
public sealed record GroupMember(PeerId Peer, ImmutableArray<Multiaddr> Addresses);

/// <summary>One group (<c>netabase.paxos.groups.{name}</c>, and <c>netabase.paxos.defaults</c> for what it does not say).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Members">Its founders; none for this node alone.</param>
/// <param name="Definitions">The definitions whose records are written through its log alone.</param>
/// <param name="Incarnation">The life of this node's disk.</param>
/// <param name="Window">Slots under way at once: alpha.</param>
/// <param name="CallTimeout">How long a call of a client may take.</param>
/// <param name="SnapshotBytesMax">The most bytes of a snapshot from another member.</param>
/// <param name="Times">Times and bounds of the algorithm.</param>
public sealed record GroupSettings(
    string Name,
    ImmutableArray<GroupMember> Members,
    ImmutableArray<string> Definitions,
    int Incarnation,
    int Window,
    TimeSpan CallTimeout,
    long SnapshotBytesMax,
    PaxosSettings Times)
{
    internal JournalBounds Bounds { get; init; } = null!;

    internal LinkSettings Links { get; init; } = null!;

    internal static GroupSettings Create(string name, SettingsReader all, SettingsReader paxos)
    {
        try
        {
            JournalNames.CheckGroup(name);
        }
        catch (ArgumentException wrong)
        {
            throw paxos.Wrong("groups", name, wrong.Message);
        }

        var (least, most) = Membership.WindowBounds;
        var settings = new GroupSettings(
            name,
            all.Objects("members", Member, "must be a peer id, or a multiaddr that ends in /p2p/ and one"),
            all.Objects("definitions", text => text, "must be the name of a definition"),
            all.Count("incarnation", 0, int.MaxValue),
            all.Count("window", least, most),
            all.Duration("call-timeout", TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            all.Number("snapshot-bytes-max", 1024, Array.MaxLength),
            ReadTimes(all))
        {
            Bounds = new JournalBounds(all.Count("journal-writes-max", 1, int.MaxValue), all.Number("journal-bytes-max", 1024, long.MaxValue)),
            Links = ReadLinks(all.Below("links")),
        };
        return settings.Checked(all);
    }

    private static PaxosSettings ReadTimes(SettingsReader all) => new(
        ElectionTimeout: Milliseconds(all, "election-timeout", 20),
        HeartbeatInterval: Milliseconds(all, "heartbeat-interval", 5),
        ResendAfter: Milliseconds(all, "resend-after", 5),
        BatchCommandsMax: all.Count("batch-commands-max", 1, 65_536),
        BatchBytesMax: all.Count("batch-bytes-max", 1024, 64 << 20),
        EagerRounds: all.Count("eager-rounds", 1, 4096),
        QueuedCommandsMax: all.Count("queued-commands-max", 1, 1 << 24),
        QueuedBytesMax: all.Number("queued-bytes-max", 1024, long.MaxValue),
        InFlightBytesMax: all.Number("in-flight-bytes-max", 1024, long.MaxValue),
        AheadMax: all.Count("ahead-max", 1, 1 << 20),
        KeepSlots: all.Count("keep-slots", 1, 1 << 24),
        LogBytesMax: all.Number("log-bytes-max", 1024, long.MaxValue),
        ChunkBytes: all.Count("chunk-bytes", 1024, 8 << 20),
        ChunksInFlight: all.Count("chunks-in-flight", 1, 1024),
        GatewayCallsMax: all.Count("calls-max", 1, 1 << 20),
        LeaseDuration: Milliseconds(all, "lease-duration", 0),
        ClockDriftPpm: all.Number("clock-drift-ppm", 0, 100_000),
        SessionExpiry: Milliseconds(all, "session-expiry", 1000),
        SessionsMax: all.Count("sessions-max", 16, 1 << 20),
        SessionOutcomesMax: all.Count("session-outcomes-max", 1, 65_536),
        ReadRoundWait: Milliseconds(all, "read-round-wait", 0));

    private static LinkSettings ReadLinks(SettingsReader all) => new(
        all.Count("frame-max", 65_536, 256 << 20),
        all.Count("queue-bytes-max", 65_536, 1 << 30),
        all.Duration("write-timeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
        all.Duration("hello-timeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
        all.Duration("retry-min", TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5)),
        all.Duration("retry-max", TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5)));

    private static long Milliseconds(SettingsReader all, string key, long least) =>
        (long)all.Duration(key, TimeSpan.FromMilliseconds(least), TimeSpan.FromDays(30)).TotalMilliseconds;

    private static GroupMember? Member(string text) =>
        PeerId.TryParse(text, out var peer) ? new GroupMember(peer, [])
        : Multiaddr.TryParse(text, out var address) && address.Peer is { } named ? new GroupMember(named, [address.WithoutPeer()])
        : null;

    private GroupSettings Checked(SettingsReader all)
    {
        if (Times.HeartbeatInterval * 2 > Times.ElectionTimeout)
        {
            throw all.Wrong("heartbeat-interval", all.Text("heartbeat-interval"), $"must be at most half of election-timeout ({all.Text("election-timeout")})");
        }

        if (Times.LeaseDuration > Times.ElectionTimeout)
        {
            throw all.Wrong("lease-duration", all.Text("lease-duration"), $"must not be longer than election-timeout ({all.Text("election-timeout")}), or a fail-over would wait for it");
        }

        if (Times.BatchBytesMax + Times.ChunkBytes + 65_536 > Links.FrameMax)
        {
            throw all.Wrong("links.frame-max", all.Below("links").Text("frame-max"), "must hold a batch and a chunk (batch-bytes-max and chunk-bytes), and 64 KiB around them");
        }

        return Members.DistinctBy(member => member.Peer).Count() == Members.Length
            ? this
            : throw all.Wrong("members", $"{Members.Length} members", "must name each peer once");
    }
}
