using Akka.Actor;
using Netabase.Actors.Paxos;
using Netabase.Persistence;
using Netabase.Persistence.Consensus;

namespace Netabase.Consensus.Specs.Journal;

/// <summary>What every acceptor's journal that outlives its process has to do.</summary>
public abstract class JournalContract : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"netabase-journal-{Guid.NewGuid():N}");
    private readonly DataFolder _folder;

    protected JournalContract() => _folder = DataFolder.Open(_path, "memory");

    /// <summary>A machine without what the journal needs says so, and skips.</summary>
    protected abstract IAcceptorJournalBackend Backend { get; }

    protected DataFolder Folder => _folder;

    protected string Group { get; } = $"g{Guid.NewGuid():N}"[..12];

    public void Dispose()
    {
        _folder.Dispose();
        Directory.Delete(_path, recursive: true);
        GC.SuppressFinalize(this);
    }

    [SkippableFact]
    public async Task What_it_acknowledged_is_there_after_the_system_ended()
    {
        var backend = Backend;
        await InSystemAsync(backend, async notebook =>
        {
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal($"line {i}", (await notebook.Ask<Notebook.Written>(new Notebook.Write($"line {i}"), Patience)).Line);
            }
        });
        await InSystemAsync(backend, async notebook =>
            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"line {i}"), (await notebook.Ask<Notebook.Page>(new Notebook.Read(), Patience)).Lines));
    }

    [SkippableFact]
    public async Task What_lies_below_a_snapshot_can_be_deleted_and_nothing_is_lost()
    {
        var backend = Backend;
        await InSystemAsync(backend, async notebook =>
        {
            await notebook.Ask<Notebook.Written>(new Notebook.Write("before"), Patience);
            await notebook.Ask<Notebook.Kept>(new Notebook.Keep(), Patience);
            await notebook.Ask<Notebook.Written>(new Notebook.Write("after"), Patience);
        });
        await InSystemAsync(backend, async notebook =>
            Assert.Equal(["before", "after"], (await notebook.Ask<Notebook.Page>(new Notebook.Read(), Patience)).Lines));
    }

    [SkippableFact]
    public void A_second_process_cannot_be_the_same_acceptor()
    {
        var backend = Backend;
        using (backend.Open(_folder, Group, "a"))
        {
            var refused = Assert.Throws<StoreException>(() => backend.Open(_folder, Group, "a"));
            Assert.Equal(StoreError.Locked, refused.Error);
        }

        backend.Open(_folder, Group, "a").Dispose();
    }

    [SkippableFact]
    public void Two_groups_of_a_node_have_journals_of_their_own()
    {
        var backend = Backend;
        using var one = backend.Open(_folder, Group, "a");
        using var other = backend.Open(_folder, Group + "-other", "a");
        Assert.NotEqual(one.JournalPlugin, other.JournalPlugin);
    }

    [SkippableFact]
    public void A_group_whose_name_would_lead_out_of_the_folder_is_refused()
    {
        var backend = Backend;
        Assert.Throws<ArgumentException>(() => backend.Open(_folder, "../other", "a"));
    }

    protected async Task InSystemAsync(IAcceptorJournalBackend backend, Func<IActorRef, Task> use)
    {
        using var journal = backend.Open(_folder, Group, "a");
        var system = ActorSystem.Create("journal");
        try
        {
            JournalPlugins.Install(system, journal);
            await use(system.ActorOf(Props.Create(() => new Notebook($"notebook-{Group}", journal.JournalPlugin, journal.SnapshotPlugin))));
        }
        finally
        {
            await system.Terminate();
        }
    }
}
