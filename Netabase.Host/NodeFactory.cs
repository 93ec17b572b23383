using Akka.Configuration;
using Microsoft.Extensions.Logging;
using Netabase.Actors.Node;
using Netabase.Actors.Settings;
using Netabase.Persistence;
using Netabase.Persistence.Consensus;
using Netabase.Persistence.Memory;
using Netabase.Persistence.Sqlite;
using Netabase.Persistence.Sqlite.Journal;

namespace Netabase.Host;

/// <summary>From options and configuration to a node that has touched nothing yet.</summary>
internal sealed class NodeFactory
{
    private readonly NetabaseOptions _options;
    private readonly IRecordStoreBackend _backend;

    private NodeFactory(NetabaseOptions options, NetabaseSettings settings, Config config)
    {
        _options = options;
        _backend = ChooseBackend(options, settings.Stores, config);
        Settings = settings;
    }

    /// <summary>What was configured.</summary>
    public NetabaseSettings Settings { get; }

    /// <exception cref="SettingsException">A setting cannot be used.</exception>
    public static NodeFactory Read(NetabaseOptions options, Config config) =>
        new(options, NetabaseSettings.Create(config, [.. options.Plugs.Values]), config);

    /// <summary>The node with what the host does around it.</summary>
    public HostedNode Create(ILoggerFactory loggers)
    {
        var setup = new NodeSetup(Settings, [.. _options.Definitions], _backend)
        {
            Time = _options.Time,
            Loggers = loggers,
            States = [.. _options.States],
            Journal = Settings.Consensus.All.IsEmpty ? null : ChooseJournal(_options, Settings.Consensus.Journal),
        };
        return new HostedNode(new NetabaseNode(setup), Settings, loggers);
    }

    private static IAcceptorJournalBackend ChooseJournal(NetabaseOptions options, JournalSettings settings)
    {
        if (options.Journals.TryGetValue(settings.Backend, out var plugged))
        {
            return plugged;
        }

        return settings.Backend switch
        {
            "sqlite" => new SqliteJournalBackend(settings.BusyTimeout),
            "postgresql" => new PostgresJournalBackend(settings.ConnectionString, settings.CommandTimeout),
            "memory" => new MemoryJournalBackend(),
            _ => throw new SettingsException(
                "netabase.paxos.journal.backend",
                settings.Backend,
                $"names no journal; there are {string.Join(", ", options.Journals.Keys.Concat(["sqlite", "postgresql", "memory"]).Distinct().Order())}"),
        };
    }

    private static IRecordStoreBackend ChooseBackend(NetabaseOptions options, StoreSettings settings, Config config)
    {
        if (options.Backends.TryGetValue(settings.Backend, out var plugged))
        {
            return plugged;
        }

        if (options.Plugs.TryGetValue(settings.Backend, out var plug))
        {
            return NetabaseSettings.CreateBackend(config, plug);
        }

        return settings.Backend switch
        {
            "sqlite" => new SqliteBackend(new SqliteStoreOptions(
                settings.Sqlite.CacheKiB,
                settings.Sqlite.CheckpointPages,
                settings.Sqlite.LogBytesMax,
                settings.Sqlite.IdleReadersMax,
                settings.Sqlite.CheckedAtOpenBytesMax,
                settings.Sqlite.ChecksLarger,
                settings.Sqlite.BytesMax)),
            "memory" => new MemoryBackend(settings.MemoryBytesMax),
            _ => throw new SettingsException(
                "netabase.stores.backend",
                settings.Backend,
                $"names no store; there are {string.Join(", ", options.Backends.Keys.Concat(options.Plugs.Keys).Concat(["sqlite", "memory"]).Distinct().Order())}, and a program plugs in others with AddBackend"),
        };
    }
}
