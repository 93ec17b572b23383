namespace Netabase.Actors.Paxos.Wire;

/// <summary>The number of a message on the wire; never used for another.</summary>
internal enum MessageKind
{
    Prepare = 1,
    Promise = 2,
    Accept = 3,
    Accepted = 4,
    Nack = 5,
    Pulse = 6,
    Pulsed = 7,
    CommitById = 8,
    Commit = 9,
    Fetch = 10,
    Caught = 11,
    Heartbeat = 12,
    HeartbeatAnswer = 13,
    TimeoutNow = 14,
    Forward = 15,
    ForwardAnswer = 16,
    ReadIndex = 17,
    ReadIndexAnswer = 18,
    SnapshotOffer = 19,
    SnapshotRequest = 20,
    SnapshotChunk = 21,
    MakeWay = 22,
}
