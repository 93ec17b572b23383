using System.Diagnostics.Metrics;
using Netabase.Actors.Swarm;

namespace Netabase.Actors.Kademlia;

/// <summary>What the nodes of this process count of the DHT, under the meter <c>Netabase</c>.</summary>
internal static class NetworkMetrics
{
    private static readonly Meter Meter = new(NodeMetrics.MeterName);

    private static readonly Histogram<double> Queries = Meter.CreateHistogram<double>(
        "netabase.dht.query.duration", "ms", "Queries from their start to their end, by kind and whether they came to what was wanted.");

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "netabase.dht.requests.served", "{request}", "Requests of peers, by kind and outcome: served, refused.");

    private static readonly Counter<long> Rejected = Meter.CreateCounter<long>(
        "netabase.dht.records.rejected", "{record}", "Records in answers of peers that did not hold.");

    internal static void Count(DhtQueryKind kind, NetworkAnswer answer, long milliseconds) => Queries.Record(
        milliseconds, new KeyValuePair<string, object?>("kind", NameOf(kind)), new KeyValuePair<string, object?>("success", IsSuccess(answer)));

    internal static void CountServed(DhtRequestKind? kind, bool served) => Requests.Add(
        1, new KeyValuePair<string, object?>("kind", kind?.ToString() ?? "Ping"), new KeyValuePair<string, object?>("outcome", served ? "served" : "refused"));

    internal static void CountRejected(int records)
    {
        if (records > 0)
        {
            Rejected.Add(records);
        }
    }

    internal static bool IsSuccess(NetworkAnswer answer) => answer switch
    {
        NetworkAnswer.Got got => got.Best is not null,
        NetworkAnswer.Placed placed => placed.IsQuorum,
        NetworkAnswer.Provided provided => !provided.Providers.IsEmpty,
        NetworkAnswer.Nearest nearest => !nearest.Peers.IsEmpty,
        NetworkAnswer.Bootstrapped bootstrapped => bootstrapped is { InTime: true, HadPeers: true },
        _ => false,
    };

    internal static string NameOf(DhtQueryKind kind) => kind switch
    {
        DhtQueryKind.Get => "get",
        DhtQueryKind.Put => "put",
        DhtQueryKind.Provide => "provide",
        DhtQueryKind.FindProviders => "find-providers",
        DhtQueryKind.Nearest => "find-nearest",
        _ => "bootstrap",
    };
}
