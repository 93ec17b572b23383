using System.Diagnostics.Metrics;

namespace Netabase.Actors.Paxos;

/// <summary>What consensus counts, under <c>Netabase.Paxos</c>.</summary>
internal static class PaxosMetrics
{
    private static readonly Meter Meter = new("Netabase.Paxos");
    private static readonly Counter<long> RefusedCount = Meter.CreateCounter<long>("netabase.paxos.refused", "{message}", "Messages and streams refused, by reason.");
    private static readonly Counter<long> LostCount = Meter.CreateCounter<long>("netabase.paxos.lost", "{message}", "Messages that found no room or no stream.");

    public static void Refused(string reason) => RefusedCount.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public static void Lost(long count) => LostCount.Add(count);
}
