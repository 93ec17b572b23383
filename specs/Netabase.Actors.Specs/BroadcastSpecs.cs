using Netabase.Actors.Events;

namespace Netabase.Actors.Specs;

/// <summary>The audience: every subscriber in order, nobody waited for, and what is missed counted exactly.</summary>
public sealed class BroadcastSpecs
{
    private readonly Broadcast _broadcast = new();

    [Fact]
    public async Task A_subscriber_hears_what_comes_after_it_in_order()
    {
        _broadcast.Publish(Event(0));
        await using var subscriber = _broadcast.Subscribe(100);
        Publish(1, 5);

        Assert.Equal([1, 2, 3, 4, 5], (await NodeSpec.ReadAsync(subscriber, 5)).Select(happened => happened.At));
    }

    [Fact]
    public async Task The_oldest_are_lost_and_counted_before_the_next()
    {
        await using var subscriber = _broadcast.Subscribe(4);
        Publish(1, 10);

        var events = await NodeSpec.ReadAsync(subscriber, 5);
        Assert.Equal(6, Assert.IsType<Lagged>(events[0]).Missed);
        Assert.Equal([7, 8, 9, 10], events.Skip(1).Select(happened => happened.At));

        Publish(11, 11);
        Assert.Equal(11, Assert.Single(await NodeSpec.ReadAsync(subscriber, 1)).At);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    public async Task However_it_is_read_what_is_got_and_what_is_missed_add_up(int capacity)
    {
        const int Total = 20_000;
        await using var subscriber = _broadcast.Subscribe(capacity);
        var reading = Task.Run(async () =>
        {
            long got = 0, missed = 0, last = 0;
            await foreach (var happened in subscriber.WithCancellation(NodeSpec.Soon()))
            {
                if (happened is Lagged lagged)
                {
                    missed += lagged.Missed;
                    continue;
                }

                // The place is exact too: this one is the next after those got and missed so far.
                Assert.Equal(got + missed + 1, happened.At);
                Assert.True(happened.At > last);
                last = happened.At;
                got++;
            }

            return (got, missed);
        });

        Publish(1, Total);
        _broadcast.End();
        var (got, missed) = await reading.WaitAsync(TimeSpan.FromSeconds(120));
        Assert.Equal(Total, got + missed);
    }

    [Fact]
    public async Task A_loss_that_is_handed_on_is_counted_into_the_subscribers_own()
    {
        await using var subscriber = _broadcast.Subscribe(2);
        _broadcast.Publish(new Lagged(100) { At = 1 });
        Publish(2, 4);

        Assert.Equal(101, Assert.IsType<Lagged>((await NodeSpec.ReadAsync(subscriber, 1))[0]).Missed);
    }

    [Fact]
    public async Task Disposing_a_subscription_ends_its_reader_and_leaves_the_audience()
    {
        var subscriber = _broadcast.Subscribe(4);
        await using var reader = subscriber.GetAsyncEnumerator();
        var next = reader.MoveNextAsync();
        Assert.False(next.IsCompleted);

        await subscriber.DisposeAsync();
        Assert.False(await next);
        Assert.False(_broadcast.HasAudience);
    }

    [Fact]
    public async Task A_reader_that_gives_up_leaves_the_subscription_to_the_next()
    {
        await using var subscriber = _broadcast.Subscribe(4);
        using var giveUp = new CancellationTokenSource();
        await using (var first = subscriber.GetAsyncEnumerator(giveUp.Token))
        {
            var next = first.MoveNextAsync();
            await giveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        }

        Publish(1, 1);
        Assert.Equal(1, Assert.Single(await NodeSpec.ReadAsync(subscriber, 1)).At);
    }

    [Fact]
    public async Task A_second_reader_at_once_is_misuse()
    {
        await using var subscriber = _broadcast.Subscribe(4);
        await using var first = subscriber.GetAsyncEnumerator();
        Assert.Throws<InvalidOperationException>(() => subscriber.GetAsyncEnumerator());
    }

    [Fact]
    public async Task After_the_end_what_waits_is_read_and_nobody_subscribes()
    {
        await using var subscriber = _broadcast.Subscribe(4);
        Publish(1, 2);
        _broadcast.End();

        var events = new List<NetabaseEvent>();
        await foreach (var happened in subscriber)
        {
            events.Add(happened);
        }

        Assert.Equal(2, events.Count);
        Assert.Throws<ObjectDisposedException>(() => _broadcast.Subscribe(4));
    }

    [Fact]
    public async Task An_announcer_that_is_full_never_blocks_and_tells_the_loss_in_its_place()
    {
        await using var subscriber = _broadcast.Subscribe(100);
        var announcer = new Announcer(_broadcast, capacity: 2);
        announcer.Announce(Event(1));
        announcer.Announce(Event(2));
        announcer.Announce(Event(3));
        announcer.Announce([Event(4), Event(5)]);
        Assert.False(announcer.Publish(int.MaxValue));
        announcer.Announce(Event(6));
        Assert.False(announcer.Publish(int.MaxValue));

        var events = await NodeSpec.ReadAsync(subscriber, 4);
        Assert.Equal([1, 2], events.Take(2).Select(happened => happened.At));
        Assert.Equal(3, Assert.IsType<Lagged>(events[2]).Missed);
        Assert.Equal(6, events[3].At);
    }

    private static StoreEvent.ModelCleared Event(long at) => new("notes", 1, 0) { At = at };

    private void Publish(int from, int to)
    {
        for (var at = from; at <= to; at++)
        {
            _broadcast.Publish(Event(at));
        }
    }
}
