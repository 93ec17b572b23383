using Akka.Configuration;
using Netabase.Actors.Settings;

namespace Netabase.Actors.Specs;

/// <summary>From text to types, and a sentence for what cannot be used.</summary>
public sealed class SettingsSpecs
{
    [Fact]
    public void Without_any_configuration_the_reference_decides()
    {
        var settings = NetabaseSettings.Create(Config.Empty);

        Assert.Equal("netabase", settings.Name);
        Assert.Equal("sqlite", settings.Stores.Backend);
        Assert.Equal(66_560, settings.Stores.Limits.ValueMax);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.Stores.OperationTimeout);
        Assert.Equal(1024, settings.Events.SubscriberCapacity);
    }

    [Fact]
    public void What_is_named_is_taken_and_the_rest_is_the_references()
    {
        var settings = NetabaseSettings.Create(ConfigurationFactory.ParseString("netabase { name = a-1, stores { queue-max = 7, sqlite.cache-kib = 128 } }"));

        Assert.Equal(("a-1", 7, 128), (settings.Name, settings.Stores.QueueMax, settings.Stores.Sqlite.CacheKiB));
        Assert.Equal(512, settings.Stores.BatchCountMax);
    }

    [Theory]
    [InlineData("name = \"two words\"", "netabase.name = two words")]
    [InlineData("name = \"\"", "netabase.name = ")]
    [InlineData("stop-timeout = soon", "netabase.stop-timeout = soon")]
    [InlineData("stop-timeout = 1ms", "netabase.stop-timeout = 1ms")]
    [InlineData("stores.backend = \"\"", "netabase.stores.backend = (empty)")]
    [InlineData("stores.value-size-max = 0", "netabase.stores.value-size-max = 0")]
    [InlineData("stores.value-size-max = many", "netabase.stores.value-size-max = many")]
    [InlineData("stores.snapshots-max = 0", "netabase.stores.snapshots-max = 0")]
    [InlineData("stores.commits-waiting-max = -1", "netabase.stores.commits-waiting-max = -1")]
    [InlineData("stores.busy-timeout = 1us", "netabase.stores.busy-timeout = 1us")]
    [InlineData("stores.queue-max = 0", "netabase.stores.queue-max = 0")]
    [InlineData("stores.batch-count-max = 100000000", "netabase.stores.batch-count-max = 100000000")]
    [InlineData("stores.batch-bytes-max = 1.5", "netabase.stores.batch-bytes-max = 1.5")]
    [InlineData("stores.operation-timeout = infinite", "netabase.stores.operation-timeout = infinite")]
    [InlineData("stores.deadline-resolution = 0ms", "netabase.stores.deadline-resolution = 0ms")]
    [InlineData("stores.sweep-interval = 1ms", "netabase.stores.sweep-interval = 1ms")]
    [InlineData("stores.sweep-records-max = 0", "netabase.stores.sweep-records-max = 0")]
    [InlineData("stores.page-size = 0", "netabase.stores.page-size = 0")]
    [InlineData("stores.transaction-keys-max = 0", "netabase.stores.transaction-keys-max = 0")]
    [InlineData("stores.transaction-age-max = 0s", "netabase.stores.transaction-age-max = 0s")]
    [InlineData("stores.sqlite.checks-larger = perhaps", "netabase.stores.sqlite.checks-larger = perhaps: must be on or off")]
    [InlineData("stores.sqlite.bytes-max = -1", "netabase.stores.sqlite.bytes-max = -1")]
    [InlineData("stores.rocksdb.cache-bytes = 1", "netabase.stores.rocksdb = {...}: is no setting")]
    [InlineData("stores.clock-reserve = 10m", "netabase.stores.clock-reserve = 10m")]
    [InlineData("stores.sqlite.cache-kib = 1", "netabase.stores.sqlite.cache-kib = 1")]
    [InlineData("stores.sqlite.checkpoint-pages = 0", "netabase.stores.sqlite.checkpoint-pages = 0")]
    [InlineData("stores.sqlite.log-bytes-max = 1", "netabase.stores.sqlite.log-bytes-max = 1")]
    [InlineData("stores.sqlite.idle-readers-max = -1", "netabase.stores.sqlite.idle-readers-max = -1")]
    [InlineData("stores.sqlite.checked-at-open-bytes-max = -1", "netabase.stores.sqlite.checked-at-open-bytes-max = -1")]
    [InlineData("stores.memory.bytes-max = 1", "netabase.stores.memory.bytes-max = 1")]
    [InlineData("network.limits.unread-bytes-max = 1000", "netabase.network.limits.unread-bytes-max = 1000")]
    [InlineData("network.limits.window-bytes-max = -1", "netabase.network.limits.window-bytes-max = -1")]
    [InlineData("network.limits.low-water = 9999", "netabase.network.limits.low-water = 9999: must not be more than high-water (192)")]
    [InlineData("network.mode = lazy", "netabase.network.mode = lazy: must be server, client or automatic")]
    [InlineData("events.subscriber-capacity = 0", "netabase.events.subscriber-capacity = 0")]
    [InlineData("events.queue-max = 0", "netabase.events.queue-max = 0")]
    [InlineData("supervision.restart-delay-min = 0s", "netabase.supervision.restart-delay-min = 0s")]
    [InlineData("supervision.restart-delay-max = 2h", "netabase.supervision.restart-delay-max = 2h")]
    [InlineData("supervision.calm-after = never", "netabase.supervision.calm-after = never")]
    [InlineData("stores.deadline-resolution = 20s", "netabase.stores.deadline-resolution = 20s: must not be longer than operation-timeout (10s)")]
    [InlineData("stores.busy-timeout = 20s", "netabase.stores.busy-timeout = 20s: must not be longer than operation-timeout (10s)")]
    [InlineData("stores.batch-bytes-max = 2048", "netabase.stores.batch-bytes-max = 2048: must not be smaller than value-size-max (66560)")]
    [InlineData("supervision.restart-delay-min = 1m", "netabase.supervision.restart-delay-min = 1m: must not be longer than restart-delay-max (10s)")]
    [InlineData("stores.que-max = 7", "netabase.stores.que-max = 7: is no setting")]
    [InlineData("store { queue-max = 7 }", "netabase.store = {...}: is no setting")]
    [InlineData("stores = 7", "netabase.stores = 7: must be an object")]
    [InlineData("stores.queue-max { a = 1 }", "netabase.stores.queue-max = {...}: must be one value")]
    public void A_setting_that_cannot_be_used_is_named_with_its_value(string hocon, string message)
    {
        var error = Assert.Throws<SettingsException>(() => NetabaseSettings.Create(ConfigurationFactory.ParseString($"netabase {{ {hocon} }}")));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(": ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_key_of_the_reference_is_read()
    {
        // A key that nobody reads would accept anything: each is given an object, which none can take.
        foreach (var key in Leaves(NetabaseSettings.Reference.GetValue("netabase"), "netabase"))
        {
            var broken = ConfigurationFactory.ParseString($"{key} = \"\\u0000\"");
            if (key is "netabase.data-path" or "netabase.stores.backend" or "netabase.network.identity-file"
                or "netabase.paxos.journal.backend" or "netabase.paxos.journal.connection-string")
            {
                continue; // Any text is a path or a plug's name; the host judges them.
            }

            Assert.Equal(key, Assert.Throws<SettingsException>(() => NetabaseSettings.Create(broken)).Key);
        }
    }

    [Fact]
    public void A_slip_in_a_fallback_is_seen_too()
    {
        var config = ConfigurationFactory.ParseString("netabase.name = a").WithFallback(ConfigurationFactory.ParseString("netabase.nmae = b"));
        Assert.Equal("netabase.nmae", Assert.Throws<SettingsException>(() => NetabaseSettings.Create(config)).Key);
    }

    private static IEnumerable<string> Leaves(Akka.Configuration.Hocon.HoconValue value, string path) => value.IsObject()
        ? value.GetObject().Items.SelectMany(item => Leaves(item.Value, $"{path}.{item.Key}"))
        : [path];
}
