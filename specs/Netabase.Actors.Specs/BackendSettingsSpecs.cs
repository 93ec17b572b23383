using Akka.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase.Actors.Settings;
using Netabase.Host;
using Netabase.Persistence;
using Netabase.Persistence.RocksDb;

namespace Netabase.Actors.Specs;

/// <summary>A store's own options come from the configuration, those of a plugged store too.</summary>
public sealed class BackendSettingsSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("netabase-backend-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task RocksDB_is_plugged_in_by_code_and_chosen_and_tuned_by_the_file()
    {
        using var host = Build("backend = rocksdb, rocksdb { cache-bytes = 1048576, write-buffer-bytes = 1048576 }");
        await host.StartAsync().WaitAsync(Patience);
        Assert.IsType<PutResult.Stored>(await host.Services.GetRequiredService<INetabase>().PutRecordLocallyAsync(NodeSpec.Note(1)));
        await host.StopAsync().WaitAsync(Patience);

        Assert.Contains("write_buffer_size=1048576", OptionsOfRocksDb(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rocksdb { cash-bytes = 1 }", "netabase.stores.rocksdb.cash-bytes = 1: is no setting")]
    [InlineData("rocksdb { cache-bytes = 1 }", "netabase.stores.rocksdb.cache-bytes = 1: must be a whole number from 65536")]
    [InlineData("rocksdb = 7", "netabase.stores.rocksdb = 7: must be an object")]
    public void A_wrong_setting_of_a_plugged_store_is_named_with_its_value(string section, string message)
    {
        var error = Assert.Throws<SettingsException>(() => Build($"backend = rocksdb, {section}"));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_key_of_the_plugs_reference_is_read_and_has_a_sentence()
    {
        var plug = new RocksDbPlug();
        var section = ConfigurationFactory.ParseString(plug.Reference).GetValue("netabase.stores.rocksdb").GetObject();
        Assert.NotEmpty(section.Items);
        foreach (var key in section.Items.Keys)
        {
            var broken = ConfigurationFactory.ParseString($"netabase.stores.rocksdb.{key} = wrong");
            Assert.Equal($"netabase.stores.rocksdb.{key}", Assert.Throws<SettingsException>(() => NetabaseSettings.CreateBackend(broken, plug)).Key);
            Assert.Matches($@"# [^\n]+\.\n +{key} = ", plug.Reference);
        }
    }

    [Fact]
    public void A_plug_whose_reference_is_of_another_name_is_a_mistake_of_its_maker() =>
        Assert.Throws<ArgumentException>(() => NetabaseSettings.Create(Config.Empty, new Misnamed()));

    [Fact]
    public async Task SQLites_quota_comes_from_the_file_and_more_is_refused_as_full()
    {
        using var host = Build("backend = sqlite, sqlite.bytes-max = 262144");
        await host.StartAsync().WaitAsync(Patience);
        var node = host.Services.GetRequiredService<INetabase>();
        PutResult last = new PutResult.Busy();
        for (var i = 0; i < 100 && last is not PutResult.Refused; i++)
        {
            last = await node.PutRecordLocallyAsync(NodeSpec.Note(i, text: new string('x', 10_000)));
        }

        Assert.Equal(RefusalReason.StoreFull, Assert.IsType<PutResult.Refused>(last).Reason);
        await host.StopAsync().WaitAsync(Patience);
    }

    private string OptionsOfRocksDb() => string.Concat(
        Directory.GetFiles(Path.Combine(_folder, "store.rocksdb"), "OPTIONS-*").Select(File.ReadAllText)).Replace(" ", string.Empty, StringComparison.Ordinal);

    private IHost Build(string stores)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddNetabase(options =>
        {
            options.Configuration = ConfigurationFactory.ParseString(
                $"akka {{ loglevel = WARNING, coordinated-shutdown.exit-clr = off }}\nnetabase.stores {{ {stores} }}");
            options.DataPath = _folder;
            options.AddBackend(new RocksDbPlug()).AddDefinition(Notes.Definition);
        });
        return builder.Build();
    }

    private sealed class Misnamed : IRecordStorePlug
    {
        public string Name => "mine";

        public string Reference => "netabase.stores.other {}";

        public IRecordStoreBackend Create(IStoreSection section) => new GatedBackend();
    }
}
