using Microsoft.Extensions.DependencyInjection;
using Netabase.Transport.Keys;

namespace Netabase.Host.Specs.ConsensusOrDht;

/// <summary>The page on the choice between the log and the DHT, done as it says.</summary>
public sealed class ConsensusOrDhtSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private readonly string _folder = Directory.CreateTempSubdirectory("netabase-choice-").FullName;
    private readonly StringWriter _console = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_snippet_of_the_page_is_compiled_here() =>
        Snippets.AreCompiled("docs/consensus-or-dht.md", "specs/Netabase.Host.Specs/ConsensusOrDht", least: 5);

    [Fact]
    public async Task The_log_takes_what_it_governs_and_nobody_else_does() => await WithNodeAsync([], "60s", async node =>
    {
        var choices = new Choices(_console);
        await LeadsAsync(node);
        await choices.CommitAsync(node);
        await choices.PayAsync(node);
        await choices.PublishAsync(node, Guid.NewGuid());
        Assert.All(await Choices.ReadAsync(node), read => Assert.Equal(300, read.Value?.Cents));
        Assert.Matches("^slot [0-9]+\npaid\nhere; 0 of 1 peers have it, and it is tried again\n$", _console.ToString().ReplaceLineEndings("\n"));

        var past = new Ledger.Account { Owner = "ann", Cents = 1 };
        Assert.Equal(RefusalReason.NotAllowed, Assert.IsType<PutResult.Refused>(await node.PutRecordLocallyAsync(past)).Reason);
        Assert.Equal(RefusalReason.NotAllowed, Assert.IsType<PutResult.Refused>(await node.PutRecordAsync(past)).Reason);
        var none = await node.PutRecordConsensusAsync(new Bulletin.Notice { Id = Guid.NewGuid(), Text = "through the log" });
        Assert.Equal(RefusalReason.NotAllowed, Assert.IsType<ConsensusResult.Refused>(none).Reason);
    });

    /// <summary>The column "alone" of the table of cuts.</summary>
    [Fact]
    public async Task A_member_that_hears_nobody_says_no_and_its_DHT_goes_on()
    {
        using var own = IdentityFile.LoadOrCreate(Path.Combine(_folder, "identity.key"));
        using var second = PrivateKey.Generate();
        using var third = PrivateKey.Generate();
        await WithNodeAsync([$"{own.PublicKey.PeerId}", $"{second.PublicKey.PeerId}", $"{third.PublicKey.PeerId}"], "2s", async node =>
        {
            var write = await node.PutRecordConsensusAsync(new Ledger.Account { Owner = "ann", Cents = 500 });
            Assert.Equal(RefusalReason.NoLeader, Assert.IsType<ConsensusResult.NotCommitted>(write).Reason);
            Assert.Collection(
                await Choices.ReadAsync(node),
                newest => Assert.IsType<GetResult<Ledger.Account>.TimedOut>(newest),
                recent => Assert.IsType<GetResult<Ledger.Account>.TimedOut>(recent),
                here => Assert.IsType<GetResult<Ledger.Account>.NotFound>(here));
            Assert.IsType<PutResult.StoredLocally>(await node.PutRecordAsync(new Bulletin.Notice { Id = Guid.NewGuid(), Text = "closed" }));
        });
    }

    private async Task WithNodeAsync(IReadOnlyList<string> members, string callTimeout, Func<INetabase, Task> use)
    {
        using var host = Choices.Host(_folder, members, callTimeout);
        await host.StartAsync().WaitAsync(Patience);
        try
        {
            await use(host.Services.GetRequiredService<INetabase>()).WaitAsync(Patience);
        }
        finally
        {
            await host.StopAsync().WaitAsync(Patience);
        }
    }

    /// <summary>The page's calls wait for a leader as long as a call may; a machine that does much else may take longer for the first.</summary>
    private static async Task LeadsAsync(INetabase node)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await node.PutRecordConsensusAsync(new Ledger.Account { Owner = "nobody", Cents = 0 }, null, patience.Token) is not ConsensusResult.Applied)
        {
        }
    }
}
