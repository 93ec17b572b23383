using System.Collections.Immutable;
using Akka.Actor;

namespace Netabase.Actors.Events;

/// <summary>What the broadcast hears. Local to the process: events carry raw bytes, and are published as the very objects.</summary>
public static class EventsProtocol
{
    /// <summary>Announces what happened, in this order, after it is on disk.</summary>
    public sealed record Publish(ImmutableArray<NetabaseEvent> Happened) : INoSerializationVerificationNeeded;

    /// <summary>Announcements wait.</summary>
    internal sealed class Wake : INoSerializationVerificationNeeded
    {
        public static readonly Wake Instance = new();
    }
}
