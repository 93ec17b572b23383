using static Netabase.Transport.Specs.Yamux.StreamReading;

namespace Netabase.Transport.Specs.Yamux;

/// <summary>What a stream promises; scenarios of go-yamux session_test.go and rust-yamux test-harness, in our words.</summary>
public sealed class StreamSpecs
{
    [Fact]
    public async Task Small_messages_are_echoed_in_both_directions()
    {
        await using var pair = MuxedPair.Create();
        var (ours, theirs) = await pair.OpenAsync();
        for (var i = 0; i < 1000; i++)
        {
            byte[] message = [(byte)i, (byte)(i >> 8), 7];
            await ours.WriteAsync(message, InTime.Soon());
            Assert.Equal(message, await theirs.ReadExactlyAsync(3));
            await theirs.WriteAsync(message, InTime.Soon());
            Assert.Equal(message, await ours.ReadExactlyAsync(3));
        }

        await ours.DisposeAsync();
        await theirs.DisposeAsync();
        await pair.EndAndCountAsync();
    }

    [Fact]
    public async Task Many_megabytes_arrive_in_order_through_growing_windows()
    {
        await using var pair = MuxedPair.Create();
        var (ours, theirs) = await pair.OpenAsync();
        var sent = Pattern(20 * 1024 * 1024);
        var writing = Task.Run(async () =>
        {
            for (var at = 0; at < sent.Length; at += 300_000)
                await ours.WriteAsync(sent.AsMemory(at, Math.Min(300_000, sent.Length - at)), InTime.Soon());
            await ours.CloseWriteAsync(InTime.Soon());
        });
        Assert.Equal(sent, await theirs.ReadToEndAsync(70_000));
        await writing;
        await theirs.DisposeAsync();
        await ours.DisposeAsync();
        await pair.EndAndCountAsync();
    }

    [Fact]
    public async Task A_half_closed_stream_still_carries_the_other_direction()
    {
        await using var pair = MuxedPair.Create();
        var (ours, theirs) = await pair.OpenAsync();
        await ours.WriteAsync(Pattern(1000), InTime.Soon());
        await ours.CloseWriteAsync(InTime.Soon());
        Assert.Equal(Pattern(1000), await theirs.ReadToEndAsync());
        await theirs.WriteAsync(Pattern(100_000, 2), InTime.Soon());
        await theirs.CloseWriteAsync(InTime.Soon());
        Assert.Equal(Pattern(100_000, 2), await ours.ReadToEndAsync());
        Assert.Equal(0, pair.Dialer.StreamCount);
        await pair.EndAndCountAsync();
    }
}
