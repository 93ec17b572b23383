using System.Diagnostics;
using System.Globalization;
using Akka.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase.Host;
using Netabase.Paxos.Benchmarks.Members;

namespace Netabase.Paxos.Benchmarks;

/// <summary>The same record put durably into one node's store, by one client, without a log.</summary>
internal static class LocalPut
{
    private const int Rounds = 2000;

    /// <returns>The median in microseconds.</returns>
    public static async Task<double> RunAsync(string folder)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddNetabase(node =>
        {
            node.DataPath = Path.Combine(folder, "local");
            node.NetworkEnabled = false;
            node.AddDefinition(Ledger.Definition);
            node.Configuration = ConfigurationFactory.ParseString("akka { loglevel = WARNING, coordinated-shutdown.exit-clr = off }");
        });
        using var host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        var node = host.Services.GetRequiredService<INetabase>();
        var value = new Payload(Comparison.MakeValue());
        var times = new double[Rounds];
        for (var i = 0; i < Rounds; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await node.PutRecordLocallyAsync(new Ledger.Entry { Name = string.Create(CultureInfo.InvariantCulture, $"key-{i % 1024:0000}"), Value = value }).ConfigureAwait(false);
            times[i] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
        }

        await host.StopAsync().ConfigureAwait(false);
        return Floor.Tell("durable put into one node's own store", times);
    }
}
