using System.Diagnostics.Metrics;
using Netabase.Actors.Stores;

namespace Netabase.Actors;

/// <summary>What the nodes of this process count, under the meter <c>Netabase</c>. Cheap while nobody listens.</summary>
public static class NodeMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Netabase";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> Writes = Meter.CreateCounter<long>(
        "netabase.store.writes", "{write}", "Writes answered, by outcome: written, refused, busy, timed_out.");

    private static readonly Histogram<int> GroupSize = Meter.CreateHistogram<int>(
        "netabase.store.commit.size", "{write}", "Writes that went to disk in one commit.");

    private static readonly Counter<long> Undecodable = Meter.CreateCounter<long>(
        "netabase.store.undecodable", "{row}", "Rows passed over because they are no value of their model.");

    private static readonly Counter<long> Events = Meter.CreateCounter<long>(
        "netabase.events.published", "{event}", "Events handed to the broadcast.");

    private static readonly Counter<long> Missed = Meter.CreateCounter<long>(
        "netabase.events.missed", "{event}", "Events that a slow subscriber did not get, counted for each subscriber.");

    private static readonly KeyValuePair<string, object?> Written = new("outcome", "written");
    private static readonly KeyValuePair<string, object?> Refused = new("outcome", "refused");
    private static readonly KeyValuePair<string, object?> Busy = new("outcome", "busy");
    private static readonly KeyValuePair<string, object?> TimedOut = new("outcome", "timed_out");

    internal static void Count(StoreProtocol.Answer answer) => Writes.Add(1, answer switch
    {
        StoreProtocol.Answer.Written => Written,
        StoreProtocol.Answer.Busy => Busy,
        StoreProtocol.Answer.TimedOut => TimedOut,
        _ => Refused,
    });

    internal static void CountCommit(int writes) => GroupSize.Record(writes);

    internal static void CountUndecodable(int rows)
    {
        if (rows > 0)
        {
            Undecodable.Add(rows);
        }
    }

    internal static void CountEvents(int events) => Events.Add(events);

    internal static void CountMissed(long events) => Missed.Add(events);
}
