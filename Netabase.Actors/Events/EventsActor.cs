using Akka.Actor;

namespace Netabase.Actors.Events;

/// <summary>The one publisher of a node's events, so that every subscriber sees them in the same order.</summary>
internal sealed class EventsActor : ReceiveActor
{
    private const int BatchesMax = 64;

    private readonly Announcer _announcer;

    public EventsActor(Announcer announcer)
    {
        _announcer = announcer;
        Receive<EventsProtocol.Wake>(_ => Publish());
        Receive<EventsProtocol.Publish>(publish => _announcer.Announce(publish.Happened));
    }

    public static Props Props(Announcer announcer) => Akka.Actor.Props.Create(() => new EventsActor(announcer));

    protected override void PreStart()
    {
        _announcer.Attach(Self);
        Self.Tell(EventsProtocol.Wake.Instance);
    }

    protected override void PostStop() => _announcer.Detach(Self);

    private void Publish()
    {
        if (_announcer.Publish(BatchesMax))
        {
            Self.Tell(EventsProtocol.Wake.Instance);
        }
    }
}
