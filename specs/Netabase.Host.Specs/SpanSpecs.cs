using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Netabase.Host.Specs.ConsensusOrDht;

namespace Netabase.Host.Specs;

/// <summary>Whoever traces sees what was asked of a node, below the span in which it was asked.</summary>
public sealed class SpanSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private readonly string _folder = Directory.CreateTempSubdirectory("netabase-spans-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_asked_of_a_node_is_a_span_below_the_callers_with_its_outcome()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Netabase" or "Caller",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var host = Choices.Host(_folder, [], "60s");
        await host.StartAsync().WaitAsync(Patience);
        using var source = new ActivitySource("Caller");
        using var caller = source.StartActivity("caller")!;
        try
        {
            await AskAsync(host.Services.GetRequiredService<INetabase>()).WaitAsync(Patience);
        }
        finally
        {
            await host.StopAsync().WaitAsync(Patience);
        }

        // Other specs of this process are traced as well.
        var ours = ended.Where(span => span.TraceId == caller.TraceId).ToList();
        Assert.All(ours, span => Assert.Equal(caller.SpanId, span.ParentSpanId));
        Assert.Equal(
            [
                "put: StoredLocally of Notice", "get: NotFound of Notice", "remove: Removed of Notice", "query: 0 of Notice", "provide: TooFew", "find-providers: 1",
                "consensus.put: Applied of Account", "consensus.get: Found of Account", "consensus.compare-and-set: NotCommitted of Account",
                "consensus.remove: Applied of Account",
            ],
            ours.Where(span => span.OperationName != "consensus.put" || span.GetTagItem("netabase.outcome") is "Applied").Select(Told));
    }

    private static async Task AskAsync(INetabase node)
    {
        var notice = new Bulletin.Notice { Id = Guid.NewGuid(), Text = "closed" };
        await node.PutRecordAsync(notice);
        await node.GetRecordAsync(new Bulletin.Notice.Key(Guid.NewGuid()));
        await node.RemoveRecordAsync(new Bulletin.Notice.Key(notice.Id));
        await node.Records<Bulletin.Notice>().QueryAsync(ModelQuery<Bulletin.Notice>.All);
        await node.StartProvidingAsync(new Bulletin.Notice.Key(notice.Id));
        await node.GetProvidersAsync(new Bulletin.Notice.Key(notice.Id));
        var account = new Ledger.Account { Owner = "ann", Cents = 500 };
        while (await node.PutRecordConsensusAsync(account) is not ConsensusResult.Applied)
        {
        }

        await node.GetRecordAsync(new Ledger.Account.Key("ann"), Consistency.Linearizably);
        await node.CompareAndSetConsensusAsync(account, null);
        await node.RemoveRecordConsensusAsync(new Ledger.Account.Key("ann"));
    }

    private static string Told(Activity span)
    {
        var model = span.GetTagItem("netabase.model") is { } name ? $" of {name}" : string.Empty;
        return $"{span.OperationName}: {span.GetTagItem("netabase.outcome") ?? span.GetTagItem("netabase.found")}{model}";
    }
}
