using Akka.Actor;
using Netabase.Actors.Stores;
using Netabase.Persistence;

namespace Netabase.Actors.Specs;

/// <summary>Actors die; what was acknowledged stays, what waits is written by the next, and everybody gets an answer.</summary>
public sealed class SupervisionSpecs : NodeSpec
{
    private const string Quick = "netabase.supervision { restart-delay-min = 10ms, restart-delay-max = 50ms }";

    private readonly GatedBackend _backend = new();

    [Theory]
    [InlineData("stores/notes.1")]
    [InlineData("stores")]
    [InlineData("events")]
    public async Task A_role_killed_in_the_middle_of_traffic_costs_no_acknowledged_write(string role)
    {
        var node = await StartAsync(_backend, Quick);
        using var enough = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            var acknowledged = new List<int>();
            for (var i = 0; !enough.IsCancellationRequested || i < 100; i++)
            {
                var id = (i * 8) + writer;
                Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(id)));
                acknowledged.Add(id);
            }

            return acknowledged;
        })).ToArray();

        for (var kill = 0; kill < 3; kill++)
        {
            var actor = await RoleAsync(role);
            Watch(actor);
            actor.Tell(Kill.Instance);
            await ExpectTerminatedAsync(actor, Patience);

            // Traffic goes on: somebody is answered who came after the kill.
            Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(-1 - kill)).AsTask().WaitAsync(Patience));
        }

        await enough.CancelAsync();
        var all = (await Task.WhenAll(writers).WaitAsync(Patience)).SelectMany(ids => ids).ToHashSet();
        var stored = (await node.Records<Notes.Note>().QueryAsync(ModelQuery<Notes.Note>.All)).Select(note => note.Id).ToHashSet();
        Assert.Empty(all.Except(stored));
    }

    [Fact]
    public async Task A_root_that_is_killed_leaves_nobody_waiting_and_the_node_can_start_again()
    {
        var node = await StartAsync(_backend);
        _backend.CloseGate();
        var underWay = node.PutRecordLocallyAsync(Note(1)).AsTask();
        await _backend.Arrived.WaitAsync(Soon());
        var waiting = node.PutRecordLocallyAsync(Note(2)).AsTask();
        Sys.ActorSelection("/user/netabase").Tell(Kill.Instance);

        Assert.IsType<PutResult.TimedOut>(await underWay.WaitAsync(Patience));
        Assert.Equal(RefusalReason.NotRunning, Assert.IsType<PutResult.Refused>(await waiting.WaitAsync(Patience)).Reason);
        _backend.OpenGate();
        await node.StopAsync().WaitAsync(Patience);
        await node.StartAsync(Sys);
        Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(3)));
    }

    [Fact]
    public async Task A_writer_killed_during_its_commit_leaves_the_answer_to_the_next()
    {
        var node = await StartAsync(_backend, Quick);
        await using var events = node.SubscribeToBroadcasts();
        _backend.CloseGate();
        var underWay = node.PutRecordLocallyAsync(Note(1)).AsTask();
        await _backend.Arrived.WaitAsync(Soon());
        var waiting = node.PutRecordLocallyAsync(Note(2)).AsTask();
        var writer = await RoleAsync("stores/notes.1");
        Watch(writer);
        writer.Tell(Kill.Instance);
        await ExpectTerminatedAsync(writer, Patience);
        _backend.OpenGate();

        Assert.IsType<PutResult.Stored>(await underWay.WaitAsync(Patience));
        Assert.IsType<PutResult.Stored>(await waiting.WaitAsync(Patience));
        Assert.Equal([1, 1], _backend.Commits.Select(commit => commit.Length));
        Assert.Equal(2, (await ReadAsync(events, 2)).OfType<StoreEvent.RecordStored>().Count());
    }

    [Fact]
    public async Task Writes_time_out_while_their_writer_is_away_and_are_not_written_when_it_is_back()
    {
        var node = await StartAsync(_backend, """
            netabase.supervision { restart-delay-min = 1s, restart-delay-max = 1s }
            netabase.stores { operation-timeout = 100ms, busy-timeout = 50ms, deadline-resolution = 10ms }
            """);
        // On a busy machine the write may come only when the next writer is there: then that one is killed.
        var late = 0;
        PutResult put;
        do
        {
            var writer = await RoleAsync("stores/notes.1");
            Watch(writer);
            writer.Tell(Kill.Instance);
            await ExpectTerminatedAsync(writer, Patience);
            put = await node.PutRecordLocallyAsync(Note(++late)).AsTask().WaitAsync(Patience);
        }
        while (put is PutResult.Stored && late < 20);

        Assert.IsType<PutResult.TimedOut>(put);
        await AwaitAssertAsync(async () => Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(0))), Patience);
        Assert.Null((await node.GetRecordAsync(new Notes.Note.Key(late))).Value);
    }

    [Fact]
    public async Task A_failure_that_is_not_the_stores_own_is_unknown_to_the_caller_and_restarts_the_writer()
    {
        var node = await StartAsync(_backend, Quick);
        var writer = await RoleAsync("stores/notes.1");
        Watch(writer);
        _backend.FailNextCommit(new InvalidCastException("a defect"));

        Assert.IsType<PutResult.TimedOut>(await node.PutRecordLocallyAsync(Note(1)).AsTask().WaitAsync(Patience));
        await ExpectTerminatedAsync(writer, Patience);
        Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(2)).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_commit_whose_outcome_is_unknown_may_have_been_written_and_its_writer_goes_on()
    {
        var node = await StartAsync(_backend, Quick);
        _backend.FailNextCommit(new StoreException(StoreError.OutcomeUnknown, "the disk did not sync"));
        Assert.IsType<PutResult.TimedOut>(await node.PutRecordLocallyAsync(Note(1)).AsTask().WaitAsync(Patience));

        _backend.FailNextCommit(new StoreException(StoreError.OutcomeUnknown, "the disk did not sync"));
        await using var transaction = await node.BeginTransactionAsync();
        transaction.Put(Note(2));
        transaction.Put(new Notes.Page { Title = "p" });
        Assert.IsType<CommitResult.TimedOut>(await transaction.CommitAsync().AsTask().WaitAsync(Patience));
        Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(3)).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Damage_of_one_model_in_a_commit_of_several_stops_that_one_and_commits_what_is_not_of_it()
    {
        var node = await StartAsync(_backend, Quick);
        const int items = 2;
        _backend.Judge = batches => batches.Any(batch => batch.Writes.Any(write => write.Touches == items))
            ? new StoreException(StoreError.Damaged, "page 7") { Model = items }
            : null;
        _backend.CloseGate();
        var held = node.PutRecordLocallyAsync(new Notes.Page { Title = "held" }).AsTask();
        await _backend.Arrived.WaitAsync(Soon());

        // The first waits for the held writer; the other two therefore share the commit after it.
        var first = CommitAsync(node, new Notes.Page { Title = "first" }, Note(1));
        var whole = CommitAsync(node, new Notes.Page { Title = "whole" }, Note(2));
        var damaged = CommitAsync(node, new Shop.Item { Sku = "s" }, Note(3));
        _backend.OpenGate();

        Assert.IsType<PutResult.Stored>(await held.WaitAsync(Patience));
        Assert.IsType<CommitResult.Committed>(await first.WaitAsync(Patience));
        Assert.IsType<CommitResult.Committed>(await whole.WaitAsync(Patience));
        Assert.Equal(RefusalReason.StoreDamaged, Assert.IsType<CommitResult.Refused>(await damaged.WaitAsync(Patience)).Reason);
        Assert.Equal(RefusalReason.StoreDamaged, Assert.IsType<PutResult.Refused>(await node.PutRecordLocallyAsync(new Shop.Item { Sku = "t" })).Reason);
        Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(4)).AsTask().WaitAsync(Patience));
        Assert.Equal([1, 2, 4], (await node.Records<Notes.Note>().QueryAsync(ModelQuery<Notes.Note>.All)).Select(note => note.Id));

        static async Task<CommitResult> CommitAsync<TModel>(Node.NetabaseNode node, TModel one, Notes.Note note)
            where TModel : class, IModel<TModel>
        {
            await using var transaction = await node.BeginTransactionAsync();
            transaction.Put(one);
            transaction.Put(note);
            return await transaction.CommitAsync();
        }
    }

    [Fact]
    public async Task Damage_met_by_a_commit_stops_the_model_alone_and_is_an_event()
    {
        var node = await StartAsync(_backend, Quick);
        await using var events = node.SubscribeToBroadcasts();
        _backend.FailNextCommit(new StoreException(StoreError.Damaged, "page 7 is not what was written"));

        var refused = Assert.IsType<PutResult.Refused>(await node.PutRecordLocallyAsync(Note(1)));
        Assert.Equal((RefusalReason.StoreDamaged, "page 7 is not what was written"), (refused.Reason, refused.Detail));
        var damaged = Assert.IsType<StoreEvent.StoreDamaged>((await ReadAsync(events, 1))[0]);
        Assert.Equal(("notes", (ushort)1), (damaged.Definition, damaged.Tag));

        await SaysDamaged(node);
        Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(new Notes.Page { Title = "whole" }));
    }

    [Fact]
    public async Task Damage_met_by_a_read_stops_the_model_too()
    {
        var node = await StartAsync(_backend, Quick);
        await using var events = node.SubscribeToBroadcasts();
        _backend.ReadFailure = new StoreException(StoreError.Damaged, "a page is not what was written");

        Assert.Equal(RefusalReason.StoreDamaged, Assert.IsType<GetResult<Notes.Note>.Refused>(await node.GetRecordAsync(new Notes.Note.Key(1))).Reason);
        _backend.ReadFailure = null;
        Assert.IsType<StoreEvent.StoreDamaged>((await ReadAsync(events, 1))[0]);
        await SaysDamaged(node);
    }

    [Fact]
    public async Task A_transaction_over_a_damaged_model_is_refused_and_the_others_go_on()
    {
        var node = await StartAsync(_backend, Quick);
        _backend.FailNextCommit(new StoreException(StoreError.Damaged, "damaged"));
        await node.PutRecordLocallyAsync(Note(1));

        await using (var transaction = await node.BeginTransactionAsync())
        {
            transaction.Put(new Notes.Page { Title = "p" });
            Assert.Throws<NetabaseException>(() => transaction.Put(Note(2)));
        }

        await using var other = await node.BeginTransactionAsync();
        other.Put(new Notes.Page { Title = "p" });
        other.Put(new Shop.Item { Sku = "s" });
        Assert.IsType<CommitResult.Committed>(await other.CommitAsync().AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Other_actors_write_by_message_and_the_answer_repeats_the_command()
    {
        await StartAsync(_backend);
        var writer = await RoleAsync("stores/notes.1");
        var op = OpId.Next();
        var put = Node.RecordCoding.Put(Note(5), 0, null, null);

        writer.Tell(new StoreProtocol.Write(op, new StoreBatch([put], []), Patience), TestActor);
        var written = await ExpectMsgAsync<StoreProtocol.Answer.Written>(Patience);
        Assert.Equal(op, written.Op);

        writer.Tell(new StoreProtocol.Write(OpId.Next(), new StoreBatch([put with { Model = 1 }], []), Patience), TestActor);
        Assert.Equal(RefusalReason.NotAllowed, (await ExpectMsgAsync<StoreProtocol.Answer.Refused>(Patience)).Reason);
    }

    private static async Task SaysDamaged(Node.NetabaseNode node)
    {
        Assert.Equal(RefusalReason.StoreDamaged, Assert.IsType<PutResult.Refused>(await node.PutRecordLocallyAsync(Note(2))).Reason);
        Assert.Equal(RefusalReason.StoreDamaged, Assert.IsType<GetResult<Notes.Note>.Refused>(await node.GetRecordAsync(new Notes.Note.Key(2))).Reason);
        var thrown = await Assert.ThrowsAsync<NetabaseException>(async () => await node.Records<Notes.Note>().QueryAsync(ModelQuery<Notes.Note>.All));
        Assert.Equal(RefusalReason.StoreDamaged, thrown.Reason);
    }
}
