using Netabase.Transport.Connections;
using Netabase.Transport.Memory;
using Xunit.Abstractions;

namespace Netabase.Transport.Specs.Yamux;

/// <summary>Nothing hangs, nothing leaks, nothing arrives wrong, whatever is cut, delayed, reset or not read.</summary>
public sealed class FaultSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task Random_conversations_keep_their_order_over_a_connection_that_tears_everything_apart()
    {
        var seed = Randomness.Seed();
        output.WriteLine($"NETABASE_SEED={seed}");
        var random = new Random(seed);
        for (var run = 0; run < Randomness.Count(usual: 12, @long: 1_000); run++)
            await TalkAsync(random.Next(), streams: 30, most: 300_000, cut: run % 3 == 2);
    }

    [Fact]
    public async Task Thousands_of_streams_with_faults_all_end_and_give_everything_back()
    {
        var seed = Randomness.Seed();
        output.WriteLine($"NETABASE_SEED={seed}");
        var random = new Random(seed);
        var streams = Randomness.Count(usual: 20_000, @long: 1_000_000);
        const int PerSession = 1_000;
        var completed = 0;
        for (var done = 0; done < streams; done += PerSession)
            completed += await TalkAsync(random.Next(), PerSession, most: 2_000, cut: random.Next(4) == 0);
        output.WriteLine($"{completed} of {streams} conversations went to their end");
        Assert.InRange(completed, streams / 4, streams);
    }

    private static async Task<int> TalkAsync(int seed, int streams, int most, bool cut)
    {
        var random = new Random(seed);
        var (dialer, listener) = MemoryConnection.CreatePair(1 << random.Next(10, 18));
        var volume = (long)streams * most / 2;
        var pair = MuxedPair.Over(
            new FaultyConnection(dialer, random.Next(), cut ? random.NextInt64(volume) : null),
            new FaultyConnection(listener, random.Next(), null));
        var deadline = InTime.Soon(60);
        var conversations = Enumerable.Range(0, streams).Select(_ => new Conversation(random.Next(), most, byListener: random.Next(4) == 0)).ToList();
        var accepting = Task.WhenAll(AcceptAllAsync(pair.Listener, most, deadline), AcceptAllAsync(pair.Dialer, most, deadline));
        try
        {
            await Parallel.ForEachAsync(
                conversations,
                new ParallelOptions { MaxDegreeOfParallelism = 40, CancellationToken = deadline },
                async (conversation, _) => await conversation.OpenAsync(conversation.ByListener ? pair.Listener : pair.Dialer, deadline));
            await pair.DisposeAsync();
            await accepting.WaitAsync(deadline);
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"seed {seed}, {streams} streams, cut {cut}: {e}");
        }

        Assert.Equal(0, pair.Dialer.StreamCount + pair.Listener.StreamCount);
        Assert.True(pair.Pool.Outstanding == 0, $"seed {seed}: {pair.Pool.Outstanding} blocks and buffers were not given back");
        return conversations.Count(conversation => conversation.IsComplete);
    }

    private static async Task AcceptAllAsync(IMuxedConnection connection, int most, CancellationToken deadline)
    {
        var answering = new List<Task>();
        while (await connection.AcceptAsync(deadline) is { } stream)
            answering.Add(Conversation.AcceptAsync(stream, most, deadline));
        await Task.WhenAll(answering);
    }
}
