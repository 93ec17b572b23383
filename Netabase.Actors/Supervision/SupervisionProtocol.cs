using Akka.Actor;

namespace Netabase.Actors.Supervision;

/// <summary>What supervisors hear beside the end of a child.</summary>
internal static class SupervisionProtocol
{
    /// <summary>A child's wait is over.</summary>
    public sealed record Revive(string Child) : INoSerializationVerificationNeeded;

    /// <summary>It is time to look for writes whose time is over.</summary>
    public sealed class DeadlinesDue : INoSerializationVerificationNeeded
    {
        public static readonly DeadlinesDue Instance = new();
    }
}
