using Akka.Configuration;
using Netabase.Actors.Node;
using Netabase.Actors.Settings;
using Netabase.Persistence;
using Netabase.Persistence.Memory;
using Netabase.Persistence.Sqlite;

namespace Netabase.Host;

/// <summary>From options and configuration to a node that has touched nothing yet.</summary>
internal static class NodeFactory
{
    public static NetabaseNode Create(NetabaseOptions options, Config config)
    {
        var settings = NetabaseSettings.Create(config, [.. options.Plugs.Values]);
        return new NetabaseNode(new NodeSetup(settings, [.. options.Definitions], ChooseBackend(options, settings.Stores, config)) { Time = options.Time });
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
