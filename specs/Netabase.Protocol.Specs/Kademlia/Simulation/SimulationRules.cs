using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Scheduling;
using Netabase.Protocol.Kademlia.Serving;
using Netabase.Protocol.Records;

namespace Netabase.Protocol.Specs.Kademlia.Simulation;

/// <summary>How a simulated node behaves.</summary>
internal enum Conduct
{
    Honest,

    /// <summary>Behind a NAT: asks, answers nobody, and is in nobody's table.</summary>
    Client,

    /// <summary>Names other liars, and peers that do not exist right beside the target.</summary>
    NamesStrangers,

    /// <summary>The same, and answers every get with a forged record.</summary>
    Forges,

    /// <summary>Takes requests and never answers.</summary>
    Silent,
}

/// <summary>What the simulated network and its nodes are like. Times in milliseconds.</summary>
/// <param name="DelayMin">The least one-way delay.</param>
/// <param name="DelayMax">The largest.</param>
/// <param name="Loss">How often a request and its answer are lost.</param>
/// <param name="DialTimeout">How long it takes to see that somebody is not there, at the most.</param>
internal sealed record SimulationRules(int DelayMin, int DelayMax, double Loss, int DialTimeout)
{
    public const long Second = 1000;
    public const long Minute = 60 * Second;
    public const long Hour = 60 * Minute;
    public const int K = 20;

    public static SimulationRules Default { get; } = new(DelayMin: 10, DelayMax: 100, Loss: 0, DialTimeout: 3000);

    /// <summary>The search before a put: k answers, alpha 3.</summary>
    public LookupBounds Search { get; init; } = new(Parallelism: 3, Results: K, CandidatesMax: 200, CloserMax: K, PeerTimeout: 10 * Second);

    /// <summary>The search for a value: beta answers.</summary>
    public LookupBounds Find { get; init; } = new(Parallelism: 3, Results: 3, CandidatesMax: 200, CloserMax: K, PeerTimeout: 10 * Second);

    public ReplicateBounds Replicas { get; init; } = new(Replicas: K, Quorum: K, Parallelism: 3, PeerTimeout: 10 * Second);

    public RoutingBounds Table { get; init; } =
        new(BucketSize: K, WaitingMax: K, AddressesMax: 16, PerNetworkMax: 3, PerNetworkAndBucketMax: 2, StaleAfter: 10 * Minute);

    public ServerBounds Server { get; init; } = new(CloserPeers: K, RequestsMax: 256, RequestsPerPeerMax: 16);

    public HoldingBounds Holding { get; init; } = new(RecordsMax: 10_000, BytesMax: 10_000_000, RecordsPerPublisherMax: 5000, BytesPerPublisherMax: 5_000_000);

    public ProviderBounds Providers { get; init; } =
        new(PerKeyMax: 20, KeysMax: 1024, AddressesMax: 16, TimeToLive: 48 * Hour, AddressesTimeToLive: 24 * Hour);

    public RecordBounds Records { get; init; } = new(ValueMax: 65 * 1024, ClockAheadMax: 5 * Minute, TimeToLiveMax: 96 * Hour);

    public ScheduleBounds Schedules { get; init; } = new(
        RepublishEvery: 22 * Hour, ReplicateEvery: Hour, ReprovideEvery: 12 * Hour, SweepEvery: Hour, BootstrapEvery: 4 * Hour,
        JitterPerMille: 200, ParallelMax: 4, PublishedMax: 1000, ProvidedMax: 1024);
}
