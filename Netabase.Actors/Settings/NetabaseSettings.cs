using Akka.Configuration;
using Netabase.Persistence;

namespace Netabase.Actors.Settings;

/// <summary>A node's settings: <c>HOCON/reference.conf</c> as types, in the same places and with the sentences there.</summary>
/// <param name="Name">The node's name within the process.</param>
/// <param name="DataPath">The data folder, or empty for the user's own.</param>
/// <param name="StopTimeout">How long a stop waits for the work under way.</param>
/// <param name="Stores">The local stores.</param>
/// <param name="Events">The broadcast.</param>
/// <param name="Supervision">Restarts.</param>
/// <param name="Network">Connections to peers.</param>
/// <param name="Kademlia">The DHT.</param>
/// <param name="Consensus">The replicated logs.</param>
/// <param name="Host">What the host does around the node.</param>
public sealed record NetabaseSettings(
    string Name,
    string DataPath,
    TimeSpan StopTimeout,
    StoreSettings Stores,
    EventSettings Events,
    SupervisionSettings Supervision,
    NetworkSettings Network,
    KademliaSettings Kademlia,
    ConsensusSettings Consensus,
    HostSettings Host)
{
    private const string Root = "netabase";

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>The embedded <c>HOCON/reference.conf</c>: every key with its default.</summary>
    public static Config Reference { get; } = ReadReference();

    /// <summary>Turns configuration into settings. What it does not name is taken from <see cref="Reference"/>.</summary>
    /// <param name="config">A configuration with a <c>netabase</c> object, or without one.</param>
    /// <param name="plugs">The stores plugged in; each knows its own section.</param>
    /// <exception cref="SettingsException">A value cannot be used, or a key does not exist.</exception>
    public static NetabaseSettings Create(Config config, params IReadOnlyCollection<IRecordStorePlug> plugs)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(plugs);
        UnknownKeys.Refuse(config, Reference, Root, [.. plugs.Select(SectionOf), ConsensusSettings.Groups]);
        ConsensusSettings.RefuseUnknown(config, Reference);
        foreach (var plug in plugs)
        {
            UnknownKeys.Refuse(config, ReferenceOf(plug), SectionOf(plug));
        }

        var all = new SettingsReader(config.WithFallback(Reference), Root);
        var name = all.Text("name");
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw all.Wrong("name", name, "must be 1 to 64 ASCII letters, digits, '-' or '_'");
        }

        return new(
            name,
            all.Text("data-path"),
            all.Duration("stop-timeout", TimeSpan.FromMilliseconds(100), Day),
            StoreSettings.Create(all.Below("stores")),
            EventSettings.Create(all.Below("events")),
            SupervisionSettings.Create(all.Below("supervision")),
            NetworkSettings.Create(all.Below("network")),
            KademliaSettings.Create(all.Below("kademlia")),
            ConsensusSettings.Create(all.Below("paxos")),
            HostSettings.Create(all.Below("host")));
    }

    /// <summary>A plugged store with what the configuration says of it.</summary>
    /// <exception cref="SettingsException">A value cannot be used.</exception>
    public static IRecordStoreBackend CreateBackend(Config config, IRecordStorePlug plug)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(plug);
        return plug.Create(new StoreSection(new SettingsReader(config.WithFallback(ReferenceOf(plug)), SectionOf(plug))));
    }

    private static string SectionOf(IRecordStorePlug plug) => $"{Root}.stores.{plug.Name}";

    private static Config ReferenceOf(IRecordStorePlug plug)
    {
        var reference = ConfigurationFactory.ParseString(plug.Reference);
        return reference.HasPath(SectionOf(plug))
            ? reference
            : throw new ArgumentException($"The reference of the store {plug.Name} does not have {SectionOf(plug)}.", nameof(plug));
    }

    private static Config ReadReference()
    {
        using var stream = typeof(NetabaseSettings).Assembly.GetManifestResourceStream("Netabase.reference.conf")
            ?? throw new InvalidOperationException("Netabase.Actors was built without its reference.conf.");
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}

/// <summary>The local stores (<c>netabase.stores</c>).</summary>
/// <param name="Backend">Which store, by its plug's name.</param>
/// <param name="Limits">The bounds the store is opened with.</param>
/// <param name="QueueMax">The most writes that wait for one model's writer.</param>
/// <param name="BatchCountMax">The most writes in one commit.</param>
/// <param name="BatchBytesMax">The most bytes in one commit.</param>
/// <param name="OperationTimeout">How long a write waits for its answer.</param>
/// <param name="DeadlineResolution">How often waiting writes are looked through.</param>
/// <param name="SweepInterval">How often expired records are swept out.</param>
/// <param name="SweepRecordsMax">The most records a sweep deletes at once.</param>
/// <param name="PageSize">Records a page of a walk.</param>
/// <param name="TransactionKeysMax">The most keys of a transaction.</param>
/// <param name="TransactionAgeMax">How long a transaction may be open.</param>
/// <param name="ClockReserve">How far ahead the clock is reserved on disk.</param>
/// <param name="Sqlite">For the SQLite store.</param>
/// <param name="MemoryBytesMax">The most bytes in the memory store.</param>
public sealed record StoreSettings(
    string Backend,
    StoreLimits Limits,
    int QueueMax,
    int BatchCountMax,
    int BatchBytesMax,
    TimeSpan OperationTimeout,
    TimeSpan DeadlineResolution,
    TimeSpan SweepInterval,
    int SweepRecordsMax,
    int PageSize,
    int TransactionKeysMax,
    TimeSpan TransactionAgeMax,
    TimeSpan ClockReserve,
    SqliteSettings Sqlite,
    long MemoryBytesMax)
{
    internal static StoreSettings Create(SettingsReader all)
    {
        var backend = all.Text("backend");
        var settings = new StoreSettings(
            backend.Length > 0 ? backend : throw all.Wrong("backend", "(empty)", "must name a store"),
            new StoreLimits(
                all.Count("value-size-max", 64, 64 << 20),
                all.Count("snapshots-max", 1, 4096),
                all.Count("commits-waiting-max", 1, 1 << 20),
                all.Duration("busy-timeout", TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1))),
            all.Count("queue-max", 1, 1 << 20),
            all.Count("batch-count-max", 1, 65_536),
            all.Count("batch-bytes-max", 1024, 1 << 30),
            all.Duration("operation-timeout", TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            all.Duration("deadline-resolution", TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)),
            all.Duration("sweep-interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)),
            all.Count("sweep-records-max", 1, 1 << 20),
            all.Count("page-size", 1, 65_536),
            all.Count("transaction-keys-max", 1, 1 << 20),
            all.Duration("transaction-age-max", TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)),
            all.Duration("clock-reserve", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(4)),
            SqliteSettings.Create(all.Below("sqlite")),
            all.Below("memory").Number("bytes-max", 1024, long.MaxValue));
        return settings.Checked(all);
    }

    private StoreSettings Checked(SettingsReader all)
    {
        if (DeadlineResolution > OperationTimeout)
        {
            throw all.Wrong("deadline-resolution", all.Text("deadline-resolution"), $"must not be longer than operation-timeout ({all.Text("operation-timeout")})");
        }

        if (Limits.BusyTimeout > OperationTimeout)
        {
            throw all.Wrong("busy-timeout", all.Text("busy-timeout"), $"must not be longer than operation-timeout ({all.Text("operation-timeout")}), or Busy could never be told");
        }

        return Limits.ValueMax <= BatchBytesMax
            ? this
            : throw all.Wrong("batch-bytes-max", all.Text("batch-bytes-max"), $"must not be smaller than value-size-max ({all.Text("value-size-max")})");
    }
}

/// <summary>The SQLite store (<c>netabase.stores.sqlite</c>); numbers alone, since only the host knows that store.</summary>
/// <param name="CacheKiB">The page cache of each connection.</param>
/// <param name="CheckpointPages">Pages of 4 KiB that the write-ahead log gathers.</param>
/// <param name="LogBytesMax">What the write-ahead log is kept to.</param>
/// <param name="IdleReadersMax">Read connections kept open.</param>
/// <param name="CheckedAtOpenBytesMax">Up to what size a database is checked when it is opened.</param>
/// <param name="ChecksLarger">Whether a larger one is checked while it is used.</param>
/// <param name="BytesMax">The most bytes of the database, or null.</param>
public sealed record SqliteSettings(
    int CacheKiB, int CheckpointPages, long LogBytesMax, int IdleReadersMax, long CheckedAtOpenBytesMax, bool ChecksLarger, long? BytesMax)
{
    internal static SqliteSettings Create(SettingsReader all) => new(
        all.Count("cache-kib", 64, 1 << 24),
        all.Count("checkpoint-pages", 16, 1 << 24),
        all.Number("log-bytes-max", 1 << 16, long.MaxValue),
        all.Count("idle-readers-max", 0, 1024),
        all.Number("checked-at-open-bytes-max", 0, long.MaxValue),
        all.Flag("checks-larger"),
        all.Number("bytes-max", 0, long.MaxValue) is > 0 and var bytes ? bytes : null);
}

/// <summary>The broadcast (<c>netabase.events</c>).</summary>
/// <param name="SubscriberCapacity">Events kept for a subscriber that names no number.</param>
/// <param name="QueueMax">The most announcements that wait.</param>
public sealed record EventSettings(int SubscriberCapacity, int QueueMax)
{
    internal static EventSettings Create(SettingsReader all) =>
        new(all.Count("subscriber-capacity", 1, 1 << 20), all.Count("queue-max", 1, 1 << 20));
}

/// <summary>Restarts of failed roles (<c>netabase.supervision</c>).</summary>
/// <param name="RestartDelayMin">The first wait.</param>
/// <param name="RestartDelayMax">The longest wait.</param>
/// <param name="CalmAfter">When the next wait is the first again.</param>
public sealed record SupervisionSettings(TimeSpan RestartDelayMin, TimeSpan RestartDelayMax, TimeSpan CalmAfter)
{
    internal static SupervisionSettings Create(SettingsReader all)
    {
        var settings = new SupervisionSettings(
            all.Duration("restart-delay-min", TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            all.Duration("restart-delay-max", TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            all.Duration("calm-after", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)));
        return settings.RestartDelayMin <= settings.RestartDelayMax
            ? settings
            : throw all.Wrong("restart-delay-min", all.Text("restart-delay-min"), $"must not be longer than restart-delay-max ({all.Text("restart-delay-max")})");
    }
}
