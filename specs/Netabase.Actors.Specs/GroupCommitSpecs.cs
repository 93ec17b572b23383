using Netabase.Persistence;

namespace Netabase.Actors.Specs;

/// <summary>One durable write for whatever waits, and an answer to each once it is done.</summary>
public sealed class GroupCommitSpecs : NodeSpec
{
    private readonly GatedBackend _backend = new();

    [Fact]
    public async Task What_arrives_during_a_commit_goes_together_into_the_next()
    {
        var node = await StartAsync(_backend);
        _backend.CloseGate();
        var first = node.PutRecordLocallyAsync(Note(0)).AsTask();
        await _backend.Arrived.WaitAsync(Soon());
        var others = Enumerable.Range(1, 50).Select(id => node.PutRecordLocallyAsync(Note(id)).AsTask()).ToArray();

        Assert.All(others, put => Assert.False(put.IsCompleted));
        _backend.OpenGate();
        await Task.WhenAll(others.Append(first)).WaitAsync(Patience);

        Assert.Equal([1, 50], _backend.Commits.Select(commit => commit.Length));
    }

    [Fact]
    public async Task A_commit_takes_no_more_than_its_bounds()
    {
        var node = await StartAsync(_backend, "netabase.stores { batch-count-max = 10 }");
        _backend.CloseGate();
        var first = node.PutRecordLocallyAsync(Note(0)).AsTask();
        await _backend.Arrived.WaitAsync(Soon());
        var others = Enumerable.Range(1, 25).Select(id => node.PutRecordLocallyAsync(Note(id)).AsTask()).ToArray();
        _backend.OpenGate();
        await Task.WhenAll(others.Append(first)).WaitAsync(Patience);

        Assert.Equal([1, 10, 10, 5], _backend.Commits.Select(commit => commit.Length));
    }

    [Fact]
    public async Task A_commit_takes_no_more_bytes_than_its_bound()
    {
        var node = await StartAsync(_backend, "netabase.stores { batch-bytes-max = 3000, value-size-max = 2000 }");
        _backend.CloseGate();
        var first = node.PutRecordLocallyAsync(Note(0)).AsTask();
        await _backend.Arrived.WaitAsync(Soon());
        var others = Enumerable.Range(1, 5).Select(id => node.PutRecordLocallyAsync(Note(id, text: new string('x', 1000))).AsTask()).ToArray();
        _backend.OpenGate();
        await Task.WhenAll(others.Append(first)).WaitAsync(Patience);

        Assert.Equal([1, 2, 2, 1], _backend.Commits.Select(commit => commit.Length));
    }

    [Fact]
    public async Task When_too_much_waits_the_next_is_busy_at_once()
    {
        var node = await StartAsync(_backend, "netabase.stores { queue-max = 3 }");
        _backend.CloseGate();
        var first = node.PutRecordLocallyAsync(Note(0)).AsTask();
        await _backend.Arrived.WaitAsync(Soon());
        var waiting = Enumerable.Range(1, 3).Select(id => node.PutRecordLocallyAsync(Note(id)).AsTask()).ToArray();

        var refused = node.PutRecordLocallyAsync(Note(9));
        Assert.True(refused.IsCompleted);
        Assert.IsType<PutResult.Busy>(await refused);

        _backend.OpenGate();
        Assert.All(await Task.WhenAll(waiting.Append(first)).WaitAsync(Patience), result => Assert.IsType<PutResult.Stored>(result));
        Assert.Null((await node.GetRecordAsync(new Notes.Note.Key(9))).Value);
    }

    [Fact]
    public async Task A_write_whose_time_is_over_is_told_so_and_one_that_still_waited_is_not_written()
    {
        var node = await StartAsync(_backend, "netabase.stores { operation-timeout = 200ms, busy-timeout = 100ms, deadline-resolution = 10ms }");
        _backend.CloseGate();
        var underWay = node.PutRecordLocallyAsync(Note(1)).AsTask();
        await _backend.Arrived.WaitAsync(Soon());
        var waiting = node.PutRecordLocallyAsync(Note(2)).AsTask();

        Assert.IsType<PutResult.TimedOut>(await underWay.WaitAsync(Patience));
        Assert.IsType<PutResult.TimedOut>(await waiting.WaitAsync(Patience));
        _backend.OpenGate();

        // The next write's answer shows that the writer has gone through what waited before; on a busy machine it may be too late itself.
        await AwaitAssertAsync(async () => Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(3))), Patience);
        Assert.NotNull((await node.GetRecordAsync(new Notes.Note.Key(1))).Value);
        Assert.Null((await node.GetRecordAsync(new Notes.Note.Key(2))).Value);
    }

    [Fact]
    public async Task A_write_that_its_caller_gave_up_while_it_waited_is_not_written()
    {
        var node = await StartAsync(_backend);
        _backend.CloseGate();
        var first = node.PutRecordLocallyAsync(Note(1)).AsTask();
        await _backend.Arrived.WaitAsync(Soon());
        using var giveUp = new CancellationTokenSource();
        var given = node.PutRecordLocallyAsync(Note(2), cancellation: giveUp.Token).AsTask();
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        _backend.OpenGate();
        await first.WaitAsync(Patience);
        await node.PutRecordLocallyAsync(Note(3));
        Assert.Null((await node.GetRecordAsync(new Notes.Note.Key(2))).Value);
    }

    [Theory]
    [InlineData(StoreError.Full, RefusalReason.StoreFull)]
    [InlineData(StoreError.Unavailable, RefusalReason.StoreUnavailable)]
    public async Task A_failure_of_the_store_is_told_and_the_next_write_goes_through(StoreError error, RefusalReason reason)
    {
        var node = await StartAsync(_backend);
        _backend.FailNextCommit(new StoreException(error, "the disk says no"));

        var refused = Assert.IsType<PutResult.Refused>(await node.PutRecordLocallyAsync(Note(1)));
        Assert.Equal((reason, "the disk says no"), (refused.Reason, refused.Detail));
        Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(1)));
    }

    [Fact]
    public async Task A_busy_store_is_busy()
    {
        var node = await StartAsync(_backend);
        _backend.FailNextCommit(new StoreException(StoreError.Busy, "another process writes"));

        Assert.IsType<PutResult.Busy>(await node.PutRecordLocallyAsync(Note(1)));
    }

    [Fact]
    public async Task A_stop_drains_what_was_accepted_and_refuses_the_rest()
    {
        var node = await StartAsync(_backend);
        _backend.CloseGate();
        var first = node.PutRecordLocallyAsync(Note(0)).AsTask();
        await _backend.Arrived.WaitAsync(Soon());
        var waiting = Enumerable.Range(1, 20).Select(id => node.PutRecordLocallyAsync(Note(id)).AsTask()).ToArray();

        var stop = node.StopAsync();
        Assert.Equal(RefusalReason.NotRunning, Assert.IsType<PutResult.Refused>(await node.PutRecordLocallyAsync(Note(99))).Reason);
        Assert.False(stop.IsCompleted);
        _backend.OpenGate();
        await stop.WaitAsync(Patience);

        Assert.All(await Task.WhenAll(waiting.Append(first)).WaitAsync(Patience), result => Assert.IsType<PutResult.Stored>(result));
        await node.StartAsync(Sys);
        Assert.Equal(21, await node.Records<Notes.Note>().CountAsync(ModelQuery<Notes.Note>.All));
    }

    [Fact]
    public async Task A_system_that_ends_under_the_node_leaves_nobody_waiting()
    {
        var node = await StartAsync(_backend);
        _backend.CloseGate();
        var underWay = node.PutRecordLocallyAsync(Note(0)).AsTask();
        await _backend.Arrived.WaitAsync(Soon());
        var waiting = node.PutRecordLocallyAsync(Note(1)).AsTask();

        await Sys.Terminate().WaitAsync(Patience);

        Assert.IsType<PutResult.TimedOut>(await underWay.WaitAsync(Patience));
        Assert.Equal(RefusalReason.NotRunning, Assert.IsType<PutResult.Refused>(await waiting.WaitAsync(Patience)).Reason);
        _backend.OpenGate();
    }

    [Fact]
    public async Task However_much_has_expired_a_write_has_its_turn_after_one_sweep()
    {
        _backend.HasEndlessExpired = true;
        var node = await StartAsync(_backend, "netabase.stores { sweep-interval = 100ms }");
        _backend.CloseGate();
        await _backend.Arrived.WaitAsync(Soon());
        var put = node.PutRecordLocallyAsync(Note(1)).AsTask();
        _backend.OpenGate();

        Assert.IsType<PutResult.Stored>(await put.WaitAsync(Patience));
        _backend.HasEndlessExpired = false;
    }
}
