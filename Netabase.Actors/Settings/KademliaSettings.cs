using System.Text;

namespace Netabase.Actors.Settings;

/// <summary>The DHT (<c>netabase.kademlia</c>).</summary>
/// <param name="Protocol">The protocol's name.</param>
/// <param name="Replication">Kademlia's k.</param>
/// <param name="Parallelism">Kademlia's alpha.</param>
/// <param name="PutQuorum">Peers that must hold a record.</param>
/// <param name="GetQuorum">Peers that must have answered with one.</param>
/// <param name="CacheReplicas">Peers without a copy that are given one.</param>
/// <param name="QueryTimeout">How long a query may take.</param>
/// <param name="RequestTimeout">How long a request may take.</param>
/// <param name="PeerTimeout">How long a silent peer holds up a lookup.</param>
/// <param name="RequestsPerPeer">Requests under way to one peer.</param>
/// <param name="QueriesMax">Queries under way.</param>
/// <param name="QueueMax">Queries that wait.</param>
/// <param name="PacketMax">Bytes of one message.</param>
/// <param name="RecordTtl">How long a record lives.</param>
/// <param name="RecordTtlMax">How long one may live.</param>
/// <param name="ReplicationInterval">How often what is held is given again.</param>
/// <param name="PublicationInterval">How often one's own records are published anew.</param>
/// <param name="RetryInterval">How soon a put that found too few peers is repeated.</param>
/// <param name="SweepInterval">How often what has expired is forgotten.</param>
/// <param name="ProviderTtl">How long an announcement lives.</param>
/// <param name="ProviderInterval">How often one's own are repeated.</param>
/// <param name="BootstrapInterval">How often the table is refreshed.</param>
/// <param name="RejoinInterval">How soon lost peers are tried again.</param>
/// <param name="RejoinIntervalMax">How far that wait grows.</param>
/// <param name="ClockAheadMax">How far ahead a record's clock may be.</param>
/// <param name="ServedPerPeer">Streams of one peer served at once.</param>
/// <param name="Held">Limits on what is held for others.</param>
/// <param name="Routing">The routing table.</param>
public sealed record KademliaSettings(
    string Protocol,
    int Replication,
    int Parallelism,
    int PutQuorum,
    int GetQuorum,
    int CacheReplicas,
    TimeSpan QueryTimeout,
    TimeSpan RequestTimeout,
    TimeSpan PeerTimeout,
    int RequestsPerPeer,
    int QueriesMax,
    int QueueMax,
    int PacketMax,
    TimeSpan RecordTtl,
    TimeSpan RecordTtlMax,
    TimeSpan ReplicationInterval,
    TimeSpan PublicationInterval,
    TimeSpan RetryInterval,
    TimeSpan SweepInterval,
    TimeSpan ProviderTtl,
    TimeSpan ProviderInterval,
    TimeSpan BootstrapInterval,
    TimeSpan RejoinInterval,
    TimeSpan RejoinIntervalMax,
    TimeSpan ClockAheadMax,
    int ServedPerPeer,
    HeldSettings Held,
    RoutingSettings Routing)
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Year = TimeSpan.FromDays(366);

    internal static KademliaSettings Create(SettingsReader all)
    {
        var protocol = all.Text("protocol");
        if (!protocol.StartsWith('/') || Encoding.UTF8.GetByteCount(protocol) is < 2 or > 128 || protocol.Any(c => c is <= ' ' or > '~'))
        {
            throw all.Wrong("protocol", protocol, "must be a protocol name such as /netabase/kad/1.0.0");
        }

        return new KademliaSettings(
            protocol,
            all.Count("replication", 1, 128),
            all.Count("parallelism", 1, 128),
            all.Count("put-quorum", 1, 128),
            all.Count("get-quorum", 1, 128),
            all.Count("cache-replicas", 0, 128),
            all.Duration("query-timeout", 10 * Millisecond, Hour),
            all.Duration("request-timeout", 10 * Millisecond, Hour),
            all.Duration("peer-timeout", Millisecond, Hour),
            all.Count("requests-per-peer", 1, 4096),
            all.Count("queries-max", 1, 1 << 16),
            all.Count("queue-max", 1, 1 << 20),
            all.Count("packet-max", 1024, 64 << 20),
            all.Duration("record-ttl", TimeSpan.FromSeconds(1), Year),
            all.Duration("record-ttl-max", TimeSpan.FromSeconds(1), Year),
            all.Duration("replication-interval", TimeSpan.FromMilliseconds(100), Year),
            all.Duration("publication-interval", TimeSpan.FromMilliseconds(100), Year),
            all.Duration("retry-interval", TimeSpan.FromMilliseconds(100), Year),
            all.Duration("sweep-interval", TimeSpan.FromMilliseconds(100), Year),
            all.Duration("provider-ttl", TimeSpan.FromSeconds(1), Year),
            all.Duration("provider-interval", TimeSpan.FromMilliseconds(100), Year),
            all.Duration("bootstrap-interval", TimeSpan.FromMilliseconds(100), Year),
            all.Duration("rejoin-interval", TimeSpan.FromMilliseconds(10), Year),
            all.Duration("rejoin-interval-max", TimeSpan.FromMilliseconds(10), Year),
            all.Duration("clock-ahead-max", TimeSpan.Zero, TimeSpan.FromDays(1)),
            all.Count("served-per-peer", 1, 4096),
            HeldSettings.Create(all.Below("held")),
            RoutingSettings.Create(all.Below("routing"))).Checked(all);
    }

    private KademliaSettings Checked(SettingsReader all)
    {
        if (PutQuorum > Replication)
        {
            throw all.Wrong("put-quorum", all.Text("put-quorum"), $"must not be more than replication ({Replication}), or no put could reach it");
        }

        if (PublicationInterval >= RecordTtl)
        {
            throw all.Wrong("publication-interval", all.Text("publication-interval"), $"must be shorter than record-ttl ({all.Text("record-ttl")}), or records would be gone in between");
        }

        if (RejoinIntervalMax < RejoinInterval)
        {
            throw all.Wrong("rejoin-interval-max", all.Text("rejoin-interval-max"), $"must not be shorter than rejoin-interval ({all.Text("rejoin-interval")})");
        }

        if (RecordTtl > RecordTtlMax)
        {
            throw all.Wrong("record-ttl", all.Text("record-ttl"), $"must not be longer than record-ttl-max ({all.Text("record-ttl-max")})");
        }

        if (ProviderInterval >= ProviderTtl)
        {
            throw all.Wrong("provider-interval", all.Text("provider-interval"), $"must be shorter than provider-ttl ({all.Text("provider-ttl")}), or announcements would be gone in between");
        }

        return RequestTimeout <= QueryTimeout
            ? this
            : throw all.Wrong("request-timeout", all.Text("request-timeout"), $"must not be longer than query-timeout ({all.Text("query-timeout")})");
    }
}

/// <summary>Limits on what is held for others (<c>netabase.kademlia.held</c>).</summary>
/// <param name="RecordsMax">Records.</param>
/// <param name="BytesMax">Bytes of records.</param>
/// <param name="RecordsPerPublisherMax">Records of one publisher.</param>
/// <param name="ProvidersPerKeyMax">Providers of one key.</param>
/// <param name="ProviderKeysMax">Keys that have providers.</param>
/// <param name="ProvidedKeysMax">Keys that this node provides.</param>
/// <param name="PublishedRecordsMax">Own records published anew.</param>
/// <param name="RawRecordsMax">Records without a model.</param>
public sealed record HeldSettings(
    int RecordsMax, long BytesMax, int RecordsPerPublisherMax, int ProvidersPerKeyMax, int ProviderKeysMax, int ProvidedKeysMax, int PublishedRecordsMax, int RawRecordsMax)
{
    internal static HeldSettings Create(SettingsReader all) => new(
        all.Count("records-max", 0, int.MaxValue),
        all.Number("bytes-max", 0, long.MaxValue),
        all.Count("records-per-publisher-max", 0, int.MaxValue),
        all.Count("providers-per-key-max", 1, 1024),
        all.Count("provider-keys-max", 1, 1 << 24),
        all.Count("provided-keys-max", 0, 1 << 20),
        all.Count("published-records-max", 0, 1 << 30),
        all.Count("raw-records-max", 0, 1 << 20));
}

/// <summary>The routing table (<c>netabase.kademlia.routing</c>).</summary>
/// <param name="WaitingMax">Newcomers that wait for a place in a bucket.</param>
/// <param name="StaleAfter">When a silent peer is checked.</param>
/// <param name="AddressesMax">Addresses of one peer.</param>
/// <param name="PerNetworkMax">Peers of one public network.</param>
/// <param name="PerNetworkAndBucketMax">Those in one bucket.</param>
public sealed record RoutingSettings(int WaitingMax, TimeSpan StaleAfter, int AddressesMax, int PerNetworkMax, int PerNetworkAndBucketMax)
{
    internal static RoutingSettings Create(SettingsReader all)
    {
        var settings = new RoutingSettings(
            all.Count("waiting-max", 0, 1024),
            all.Duration("stale-after", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            all.Count("addresses-max", 1, 256),
            all.Count("per-network-max", 1, 1 << 16),
            all.Count("per-network-and-bucket-max", 1, 1 << 16));
        return settings.PerNetworkAndBucketMax <= settings.PerNetworkMax
            ? settings
            : throw all.Wrong("per-network-and-bucket-max", all.Text("per-network-and-bucket-max"), $"must not be more than per-network-max ({settings.PerNetworkMax})");
    }
}
