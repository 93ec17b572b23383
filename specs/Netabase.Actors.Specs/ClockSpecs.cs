using Microsoft.Extensions.Time.Testing;
using Netabase.Actors.Stores;
using Netabase.Persistence;

namespace Netabase.Actors.Specs;

/// <summary>Readings go forward, over a restart too.</summary>
public sealed class ClockSpecs : NodeSpec
{
    [Fact]
    public async Task A_clock_set_back_over_a_restart_does_not_make_new_records_look_old()
    {
        var backend = new GatedBackend();
        var late = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var before = await StartAsync(backend, time: late);
        var last = HybridTimestamp.Zero;
        for (var i = 0; i < 20; i++)
        {
            last = Assert.IsType<PutResult.Stored>(await before.PutRecordLocallyAsync(Note(1))).Metadata.Clock;
            late.Advance(TimeSpan.FromSeconds(1));
        }

        await before.StopAsync();
        var early = new FakeTimeProvider(new DateTimeOffset(2029, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var after = await StartAsync(backend, time: early);

        var first = Assert.IsType<PutResult.Stored>(await after.PutRecordLocallyAsync(Note(1))).Metadata.Clock;
        Assert.True(first > last, $"{first} after {last}");
        Assert.True(first.Milliseconds - last.Milliseconds <= 11_000, "the reservation is short");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(9)]
    public void A_reservation_that_is_no_reading_is_damage_and_not_the_beginning_of_time(int length)
    {
        var told = Assert.Throws<StoreException>(() => new NodeClock(new Payload(new byte[length]), TimeSpan.FromSeconds(10)));
        Assert.Equal(StoreError.Damaged, told.Error);
    }

    [Fact]
    public void Readings_of_one_millisecond_differ_and_the_reservation_is_renewed_before_it_is_used_up()
    {
        var clock = new NodeClock(null, TimeSpan.FromSeconds(10));
        Assert.NotNull(clock.Reservation(1_000_000, out var until));
        clock.Confirm(until);
        Assert.True(clock.Next(1_000_000) < clock.Next(1_000_000));
        Assert.Null(clock.Reservation(1_004_000, out _));
        Assert.NotNull(clock.Reservation(1_006_000, out _));
    }
}
