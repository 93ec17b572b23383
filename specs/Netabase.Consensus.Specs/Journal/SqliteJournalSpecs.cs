using Netabase.Persistence;
using Netabase.Persistence.Consensus;
using Netabase.Persistence.Sqlite.Journal;

namespace Netabase.Consensus.Specs.Journal;

/// <summary>The default journal.</summary>
public sealed class SqliteJournalSpecs : JournalContract
{
    protected override IAcceptorJournalBackend Backend { get; } = new SqliteJournalBackend(TimeSpan.FromSeconds(5));

    [Fact]
    public void Votes_and_snapshots_lie_in_two_files_with_write_ahead_logs()
    {
        Backend.Open(Folder, Group, "a").Dispose();
        foreach (var name in (string[])["journal.db", "snapshots.db"])
        {
            // Bytes 18 and 19 of a database are 2 when it is in WAL mode (https://sqlite.org/fileformat.html, 1.3.3).
            var header = File.ReadAllBytes(Folder.PathOf(Path.Combine("paxos", Group, name))).AsSpan(18, 2).ToArray();
            Assert.Equal([2, 2], header);
        }
    }

    [Fact]
    public void A_node_without_a_data_folder_cannot_keep_votes_in_SQLite() =>
        Assert.Equal(StoreError.Unavailable, Assert.Throws<StoreException>(() => Backend.Open(null, Group, "a")).Error);

    [Fact]
    public void What_is_no_database_is_refused_and_not_replaced()
    {
        Folder.MakeFolder("paxos", Group);
        var file = Folder.PathOf(Path.Combine("paxos", Group, "journal.db"));
        var garbage = Enumerable.Range(0, 8192).Select(i => (byte)(i * 31)).ToArray();
        File.WriteAllBytes(file, garbage);
        Assert.Throws<StoreException>(() => Backend.Open(Folder, Group, "a"));
        Assert.Equal(garbage, File.ReadAllBytes(file));
    }
}
