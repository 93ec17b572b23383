using Microsoft.Extensions.Logging;
using Netabase.Multiformats;

namespace Netabase.Actors;

/// <summary>What the roles of a node log, under <c>Netabase.Node</c>, <c>Netabase.Swarm</c> and <c>Netabase.Kademlia</c>.</summary>
internal static partial class RolesLog
{
    [LoggerMessage(1, LogLevel.Information, "{Peer} has joined the network; it listens on {Addresses}.")]
    public static partial void Joined(ILogger log, PeerId peer, string addresses);

    [LoggerMessage(2, LogLevel.Information, "{Peer} has left the network.")]
    public static partial void Left(ILogger log, PeerId peer);

    [LoggerMessage(3, LogLevel.Warning, "The swarm could not be started or stopped: {Detail}")]
    public static partial void SwarmFailed(ILogger log, string detail);

    [LoggerMessage(4, LogLevel.Warning, "The bootstrap peer {Peer} was not reached, and is tried again in {Wait}: {Detail}")]
    public static partial void BootstrapFailed(ILogger log, PeerId peer, TimeSpan wait, string detail);

    [LoggerMessage(6, LogLevel.Information, "The node takes part as a {Mode}.")]
    public static partial void ModeChanged(ILogger log, NetworkMode mode);

    [LoggerMessage(10, LogLevel.Debug, "The {Kind} query {Query} ended after {Milliseconds} ms with {Answered} answers: {Outcome}")]
    public static partial void QueryEnded(ILogger log, DhtQueryKind kind, long query, long milliseconds, int answered, string outcome);

    [LoggerMessage(11, LogLevel.Debug, "A request of {Peer} is refused: {Detail}")]
    public static partial void Refused(ILogger log, PeerId peer, string detail);

    [LoggerMessage(12, LogLevel.Warning, "A record could not be given again: {Detail}")]
    public static partial void UpkeepFailed(ILogger log, string detail);

    [LoggerMessage(20, LogLevel.Warning, "The role {Role} ended and starts again in {Wait}.")]
    public static partial void RoleEnded(ILogger log, string role, TimeSpan wait);

    [LoggerMessage(21, LogLevel.Error, "The data of {Definition}/{Tag} are damaged, and its writer stays stopped: {Detail}")]
    public static partial void StoreDamaged(ILogger log, string definition, int tag, string detail);
}
