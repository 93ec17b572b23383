using Microsoft.Extensions.Hosting;

namespace Netabase.Host.Specs.ConsensusOrDht;

/// <summary>The snippets of <c>docs/consensus-or-dht.md</c>: what stands there stands here, is compiled, and is run by <see cref="ConsensusOrDhtSpecs"/>.</summary>
internal sealed class Choices(TextWriter console)
{
    public static IHost Host(string folder, IReadOnlyList<string> members, string callTimeout)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddNetabase(options =>
        {
            options.AddDefinition(Bulletin.Definition);
            options.AddDefinition(Ledger.Definition);
            options.AddGroup("ledger", members, Ledger.Definition);
            options.DataPath = folder;
            options.Listen = ["/ip4/127.0.0.1/tcp/0"];
            options.Mdns = false;
            options.StartSwarm = true;
            options.Configuration = Akka.Configuration.ConfigurationFactory.ParseString($"netabase.paxos.defaults.call-timeout = {callTimeout}, akka.coordinated-shutdown.exit-clr = off");
        });
        return builder.Build();
    }

    public async Task PublishAsync(INetabase netabase, Guid id)
    {
        var published = await netabase.PutRecordAsync(new Bulletin.Notice { Id = id, Text = "closed on Monday" }) switch
        {
            PutResult.Replicated replicated => $"here and at {replicated.Replicas} peers",
            PutResult.StoredLocally local => $"here; {local.Replicas} of {local.Quorum} peers have it, and it is tried again",
            var other => $"not stored: {other}",
        };
        await console.WriteLineAsync(published);
    }

    public async Task CommitAsync(INetabase netabase)
    {
        var id = netabase.NewOperationId();
        ConsensusResult result;
        do
        {
            result = await netabase.PutRecordConsensusAsync(new Ledger.Account { Owner = "ann", Cents = 500 }, id);
        }
        while (result is ConsensusResult.Unknown);
        await console.WriteLineAsync(result is ConsensusResult.Applied applied ? $"slot {applied.Slot}" : $"not written: {result}");
    }

    public async Task PayAsync(INetabase netabase)
    {
        var read = await netabase.GetRecordAsync(new Ledger.Account.Key("ann"), Consistency.Linearizably);
        if (read is GetResult<Ledger.Account>.Found { Record: var account, Metadata.Clock: var version })
        {
            var changed = await netabase.CompareAndSetConsensusAsync(account with { Cents = account.Cents - 200 }, version);
            await console.WriteLineAsync(changed switch
            {
                ConsensusResult.Applied => "paid",
                ConsensusResult.NotCommitted { Reason: RefusalReason.Conflict } => "somebody was quicker: read again",
                var other => $"not paid: {other}",
            });
        }
    }

    public static async Task<GetResult<Ledger.Account>[]> ReadAsync(INetabase netabase)
    {
        var newest = await netabase.GetRecordAsync(new Ledger.Account.Key("ann"), Consistency.Linearizably);
        var recent = await netabase.GetRecordAsync(new Ledger.Account.Key("ann"), new Consistency.Stale(TimeSpan.FromSeconds(5)));
        var here = await netabase.GetRecordAsync(new Ledger.Account.Key("ann"), Consistency.Eventually);
        return [newest, recent, here];
    }
}
