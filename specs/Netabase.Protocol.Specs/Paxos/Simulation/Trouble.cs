using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Simulation;

/// <summary>What a run is like, all of it drawn from its seed: the group, its bounds, and how much goes wrong.</summary>
internal sealed record Trouble(
    int Nodes, PaxosSettings Settings, int Window, double Drop, double Twice, int DelayMost, double Straggle, int FaultEvery,
    bool Crashes, bool Parts, bool Cuts, bool Pauses, bool SlowDisks, bool LostDisks, bool Changes, double Drift)
{
    /// <summary>How long things go wrong.</summary>
    public const long Lasts = 2_400;

    public static Trouble Of(SplitMix64 chance)
    {
        bool Half() => chance.Chance(0.5);
        T OneOf<T>(params T[] choices) => choices[chance.Below(choices.Length)];
        var leases = Half();
        var drift = leases || Half() ? 100_000 : 0;
        var settings = new PaxosSettings(
            ElectionTimeout: 200, HeartbeatInterval: 50, ResendAfter: 25, BatchCommandsMax: OneOf(1, 4, 64), BatchBytesMax: 4096,
            EagerRounds: OneOf(1, 2, 8), QueuedCommandsMax: OneOf(2, 64), QueuedBytesMax: 16_384, InFlightBytesMax: OneOf(200, 16_384),
            AheadMax: OneOf(16, 64), KeepSlots: OneOf(4, 16), LogBytesMax: OneOf(400, 400, 2_000, 1_000_000), ChunkBytes: OneOf(200, 4096),
            ChunksInFlight: OneOf(1, 4), GatewayCallsMax: 16, LeaseDuration: leases ? OneOf(100, 180) : 0, ClockDriftPpm: drift,
            SessionExpiry: OneOf(1_500, 60_000), SessionsMax: OneOf(3, 32), SessionOutcomesMax: 4, ReadRoundWait: OneOf(0, 3));
        return new Trouble(
            OneOf(3, 3, 3, 5, 5, 4, 1), settings, OneOf(1, 4, 8), OneOf(0, 0.02, 0.15), OneOf(0, 0.02, 0.2), OneOf(1, 5, 20),
            OneOf(0, 0.02, 0.1), OneOf(40, 120, 300), Half(), Half(), Half(), leases || Half(), Half(), Half(), Half(), drift / 1e6 * 0.45);
    }

    public override string ToString() =>
        $"{Nodes} nodes, drop {Drop}, twice {Twice}, delay {DelayMost}, fault every {FaultEvery}, crash {Crashes}, parts {Parts}, cuts {Cuts}, "
        + $"pause {Pauses}, slow {SlowDisks}, lost {LostDisks}, changes {Changes}, lease {Settings.LeaseDuration}, window {Window}";
}
