using Netabase.Persistence;

namespace Netabase.Actors.Specs.Network;

/// <summary>Peers that are not as we are: of another schema version, with a full disk, with a disk that hangs. Each is told by a typed result.</summary>
public sealed class NeighbourSpecs : NetSpec
{
    private const string Hurried = "netabase.kademlia { request-timeout = 1s, peer-timeout = 500ms, query-timeout = 30s }";

    [Fact]
    public async Task A_node_of_a_newer_schema_and_one_of_an_older_read_each_others_records()
    {
        var (older, newer) = await VersionsAsync(NotesGrown.Definition);
        Assert.IsType<PutResult.Replicated>(await newer.Node.PutRecordAsync(new NotesGrown.Note { Id = 1, Author = "ada", Text = "new", Mood = "glad" }));
        Assert.Equal("new", (await older.Node.GetRecordAsync(Key(1))).Value!.Text);
        Assert.IsType<PutResult.Replicated>(await older.Node.PutRecordAsync(Note(2, text: "old")));
        var read = (await newer.Node.GetRecordAsync(new NotesGrown.Note.Key(2))).Value!;
        Assert.Equal(("old", null), (read.Text, read.Mood));

        // What the older one holds of the newer is what was signed, the field it does not know included.
        await newer.Node.Records<NotesGrown.Note>().RemoveManyAsync([new NotesGrown.Note.Key(1)]);
        Assert.Equal("glad", Assert.IsType<GetResult<NotesGrown.Note>.Found>(await newer.Node.GetRecordAsync(new NotesGrown.Note.Key(1))).Record.Mood);
    }

    [Fact]
    public async Task Schemas_that_contradict_each_other_hold_nothing_of_each_other_and_say_that_nobody_else_has_it()
    {
        var (one, other) = await VersionsAsync(NotesRekeyed.Definition);
        Assert.Equal(0, Assert.IsType<PutResult.StoredLocally>(await one.Node.PutRecordAsync(Note(1))).Replicas);
        Assert.Equal(0, Assert.IsType<PutResult.StoredLocally>(await other.Node.PutRecordAsync(new NotesRekeyed.Note { Id = "one", Author = 7 })).Replicas);
        Assert.Equal(1, Assert.IsType<GetResult<NotesRekeyed.Note>.NotFound>(await other.Node.GetRecordAsync(new NotesRekeyed.Note.Key("two"))).PeersAsked);
        Assert.Equal(0, await other.Node.Records<NotesRekeyed.Note>().CountAsync(ModelQuery<NotesRekeyed.Note>.All) - 1);
    }

    [Fact]
    public async Task A_peer_whose_disk_is_full_is_no_replica_and_one_with_room_again_is()
    {
        var (one, other) = await PairAsync();
        var disk = (GatedBackend)other.Backend;
        disk.Judge = _ => new StoreException(StoreError.Full, "no space is left on the device");
        Assert.Equal((0, 1), Said(Assert.IsType<PutResult.StoredLocally>(await one.Node.PutRecordAsync(Note(1)))));
        Assert.Equal(RefusalReason.StoreFull, Assert.IsType<PutResult.Refused>(await other.Node.PutRecordAsync(Note(2))).Reason);
        Assert.Equal(1, Assert.IsType<GetResult<Notes.Note>.NotFound>(await other.Node.GetRecordAsync(Key(7))).PeersAsked);

        disk.Judge = _ => null;
        Assert.IsType<PutResult.Replicated>(await one.Node.PutRecordAsync(Note(1)));
        Assert.IsType<PutResult.Replicated>(await other.Node.PutRecordAsync(Note(2)));
    }

    [Fact]
    public async Task A_peer_whose_disk_hangs_is_waited_for_no_longer_than_a_request_may_take()
    {
        var (one, other) = await PairAsync(Hurried);
        var disk = (GatedBackend)other.Backend;
        disk.CloseGate();
        var put = await one.Node.PutRecordAsync(Note(1)).AsTask().WaitAsync(Patience);
        Assert.Equal((0, 1), Said(Assert.IsType<PutResult.StoredLocally>(put)));

        // Its reads go past the writer that hangs.
        Assert.IsType<GetResult<Notes.Note>.NotFound>(await one.Node.GetRecordAsync(Key(7)));
        disk.OpenGate();
        await AwaitAssertAsync(async () => Assert.NotNull(await other.Node.Records<Notes.Note>().GetAsync(Key(1))), Patience, TimeSpan.FromMilliseconds(20));

        // Who did not answer left the table, and is tried again.
        await AwaitAssertAsync(
            async () => Assert.IsType<PutResult.Replicated>(await one.Node.PutRecordAsync(Note(1, text: "again"))), Patience, TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task A_peer_that_answers_too_slowly_leaves_a_get_with_what_was_found_and_a_put_with_whom_it_reached()
    {
        var nodes = await NetworkAsync(3, Hurried);
        await nodes[1].Node.PutRecordAsync(Note(1, text: "quick"));
        await nodes[0].Node.Records<Notes.Note>().RemoveManyAsync([Key(1)]);
        World.SetFaults(nodes[0].Id, nodes[2].Id, new Transport.Loopback.LinkFaults { Delay = TimeSpan.FromSeconds(20) });
        await AwaitAssertAsync(
            async () => Assert.Equal("quick", (await nodes[0].Node.GetRecordAsync(Key(1)).AsTask().WaitAsync(Patience)).Value?.Text),
            Patience,
            TimeSpan.FromMilliseconds(20));
        await AwaitAssertAsync(
            async () => Assert.Equal(1, Assert.IsType<PutResult.Replicated>(await nodes[0].Node.PutRecordAsync(Note(2)).AsTask().WaitAsync(Patience)).Replicas),
            Patience,
            TimeSpan.FromMilliseconds(20));
        Assert.Equal((0, 1), Said(Assert.IsType<PutResult.StoredLocally>(
            await nodes[0].Node.PutRecordToAsync(Note(3), [nodes[2].Id]).AsTask().WaitAsync(Patience))));
        World.SetFaults(Transport.Loopback.LinkFaults.None);
    }

    private static (int Replicas, int Quorum) Said(PutResult.StoredLocally stored) => (stored.Replicas, stored.Quorum);

    private async Task<(NetNode One, NetNode Other)> VersionsAsync(DefinitionDescriptor others)
    {
        var one = await CreateAsync(definitions: [Notes.Definition]);
        await one.Node.StartSwarmAsync();
        var other = await CreateAsync("", [one], definitions: [others]);
        await other.Node.StartSwarmAsync();
        await KnowAsync(1, one, other);
        return (one, other);
    }
}

/// <summary>The notes of a later version of the program.</summary>
[NetabaseDefinition("notes")]
public static partial class NotesGrown
{
    [NetabaseModel(1)]
    public sealed partial record Note
    {
        [PrimaryKey(1)]
        public required int Id { get; init; }

        [SecondaryKey(2)]
        public required string Author { get; init; }

        [Field(3)]
        public string Text { get; init; } = string.Empty;

        [Field(4)]
        public string? Mood { get; init; }
    }
}

/// <summary>The notes of somebody who changed what must not change.</summary>
[NetabaseDefinition("notes")]
public static partial class NotesRekeyed
{
    [NetabaseModel(1)]
    public sealed partial record Note
    {
        [PrimaryKey(1)]
        public required string Id { get; init; }

        [SecondaryKey(2)]
        public required int Author { get; init; }
    }
}
