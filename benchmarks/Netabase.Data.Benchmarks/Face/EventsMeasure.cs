using System.Threading.Channels;
using Netabase.Actors.Events;

namespace Netabase.Data.Benchmarks.Face;

/// <summary>Publishing to many, against a loop over bounded channels that drop their oldest; nobody reads, so that both pay for every event.</summary>
internal static class EventsMeasure
{
    private const int Capacity = 1024;

    public static Task RunAsync(bool isQuick)
    {
        var happened = new StoreEvent.ModelCleared("bench", 1, 0) { At = 1 };
        Console.WriteLine("publishes per second to so many subscribers of 1,024 events each:");
        Console.WriteLine("  subscribers      broadcast       channels   ratio (goal 0.8)");
        foreach (var count in new[] { 1, 10, 100 })
        {
            var broadcast = new Broadcast();
            var subscribers = Enumerable.Range(0, count).Select(_ => broadcast.Subscribe(Capacity)).ToArray();
            var channels = Enumerable.Range(0, count).Select(_ => Channel.CreateBounded<NetabaseEvent>(
                new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true, SingleWriter = true })).ToArray();
            var times = Rounds.Median(
                [
                    operations =>
                    {
                        for (var i = 0; i < operations; i++)
                        {
                            broadcast.Publish(happened);
                        }
                    },
                    operations =>
                    {
                        for (var i = 0; i < operations; i++)
                        {
                            foreach (var channel in channels)
                            {
                                channel.Writer.TryWrite(happened);
                            }
                        }
                    },
                ],
                isQuick ? 5 : 15,
                (isQuick ? 200_000 : 2_000_000) / count);
            Console.WriteLine($"  {count,11} {1e9 / times[0],14:N0} {1e9 / times[1],14:N0} {times[1] / times[0],7:N2}");
            GC.KeepAlive(subscribers);
        }

        return Task.CompletedTask;
    }
}
