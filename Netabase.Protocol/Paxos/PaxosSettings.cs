namespace Netabase.Protocol.Paxos;

/// <summary>Times and bounds of a group, in milliseconds, slots and bytes; every node of a group has the same lease times.</summary>
/// <param name="ElectionTimeout">Silence after which somebody counts as gone.</param>
/// <param name="HeartbeatInterval">Between heartbeats, and between the leader's pulses; a fraction of the time-out.</param>
/// <param name="ResendAfter">Patience with an unanswered message at first; doubled each time, with jitter, up to the election time-out.</param>
/// <param name="BatchCommandsMax">Commands of a batch.</param>
/// <param name="BatchBytesMax">Bytes of a batch; a larger command is refused.</param>
/// <param name="EagerRounds">Rounds under way up to which a batch is sent at once; beyond, it waits until it is full or a round ends.</param>
/// <param name="QueuedCommandsMax">Commands that wait for a slot; more are refused as busy.</param>
/// <param name="QueuedBytesMax">Bytes that wait for a slot.</param>
/// <param name="InFlightBytesMax">Bytes of proposals a follower has not acknowledged; beyond, it gets no new ones.</param>
/// <param name="AheadMax">Slots beyond the applied prefix an acceptor holds votes for.</param>
/// <param name="KeepSlots">Applied slots an acceptor keeps, so that others can catch up from the log.</param>
/// <param name="LogBytesMax">Bytes of chosen batches kept in memory for catching up.</param>
/// <param name="ChunkBytes">Bytes of a catch-up chunk, of a promise's page, and of a snapshot chunk.</param>
/// <param name="ChunksInFlight">Catch-up chunks under way to one member.</param>
/// <param name="GatewayCallsMax">Calls of clients under way on a node.</param>
/// <param name="LeaseDuration">D; 0 turns leases off. Not longer than the election time-out, or fail-over waits for it.</param>
/// <param name="ClockDriftPpm">e, in millionths: the most by which two clocks' speeds differ.</param>
/// <param name="SessionExpiry">Stamped time after which a silent session is forgotten.</param>
/// <param name="SessionsMax">Sessions remembered; the one silent longest is forgotten first.</param>
/// <param name="SessionOutcomesMax">Outcomes remembered per session.</param>
/// <param name="ReadRoundWait">How long a read may wait for others to share its round; 0 begins at once when none is under way.</param>
public sealed record PaxosSettings(
    long ElectionTimeout,
    long HeartbeatInterval,
    long ResendAfter,
    int BatchCommandsMax,
    int BatchBytesMax,
    int EagerRounds,
    int QueuedCommandsMax,
    long QueuedBytesMax,
    long InFlightBytesMax,
    int AheadMax,
    int KeepSlots,
    long LogBytesMax,
    int ChunkBytes,
    int ChunksInFlight,
    int GatewayCallsMax,
    long LeaseDuration,
    long ClockDriftPpm,
    long SessionExpiry,
    int SessionsMax,
    int SessionOutcomesMax,
    long ReadRoundWait);
