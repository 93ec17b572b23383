using System.Collections.Immutable;
using Akka.Actor;

namespace Netabase.Actors.Events;

/// <summary>
/// Where the roles leave what happened, in batches; <see cref="EventsActor"/> takes it from here to the audience. It outlives
/// the actor, never blocks a producer and is bounded: what finds no room is counted, and told to the audience in its place.
/// </summary>
internal sealed class Announcer(Broadcast broadcast, int capacity)
{
    private readonly Lock _gate = new();
    private readonly Queue<ImmutableArray<NetabaseEvent>> _waiting = new();
    private IActorRef? _actor;
    private bool _isWoken;
    private long _lost;
    private ImmutableArray<NetabaseEvent> _underway = [];
    private int _published;

    /// <summary>Whether anybody would hear an announcement.</summary>
    public bool HasAudience => broadcast.HasAudience;

    /// <summary>Leaves one event.</summary>
    public void Announce(NetabaseEvent happened) => Announce([happened]);

    /// <summary>Leaves events that happened in this order.</summary>
    public void Announce(ImmutableArray<NetabaseEvent> happened)
    {
        if (happened.IsEmpty || !HasAudience)
        {
            return;
        }

        IActorRef? toWake;
        lock (_gate)
        {
            if (_waiting.Count >= capacity)
            {
                _lost += happened.Length;
                return;
            }

            if (_lost > 0)
            {
                _waiting.Enqueue([new Lagged(_lost) { At = happened[0].At }]);
                _lost = 0;
            }

            _waiting.Enqueue(happened);
            toWake = Waken();
        }

        toWake?.Tell(EventsProtocol.Wake.Instance, ActorRefs.NoSender);
    }

    /// <summary>An actor begins to publish.</summary>
    public void Attach(IActorRef actor)
    {
        lock (_gate)
        {
            _actor = actor;
            _isWoken = true;
        }
    }

    /// <summary>An actor ends; what waits stays for the next.</summary>
    public void Detach(IActorRef actor)
    {
        lock (_gate)
        {
            _actor = Equals(_actor, actor) ? null : _actor;
        }
    }

    /// <summary>Publishes everything that waits. For one actor at a time.</summary>
    /// <param name="batchesMax">At most so many announcements, so that the actor hears other messages too.</param>
    /// <returns>Whether more waits.</returns>
    public bool Publish(int batchesMax)
    {
        for (var i = 0; i < batchesMax && TryTake(); i++)
        {
            NodeMetrics.CountEvents(_underway.Length - _published);
            while (_published < _underway.Length)
            {
                broadcast.Publish(_underway[_published++]);
            }
        }

        lock (_gate)
        {
            return _isWoken = _waiting.Count > 0 || _published < _underway.Length;
        }
    }

    /// <summary>Publishes what is left without an actor, at the end of a run.</summary>
    public void Flush()
    {
        while (Publish(int.MaxValue))
        {
        }
    }

    /// <summary>The next announcement, or what a predecessor that died had not finished of its last.</summary>
    private bool TryTake()
    {
        if (_published < _underway.Length)
        {
            return true;
        }

        lock (_gate)
        {
            if (_waiting.TryDequeue(out var next))
            {
                _underway = next;
                _published = 0;
                return true;
            }

            if (_lost == 0)
            {
                return false;
            }

            // Nothing was announced since the loss; the audience hears of it all the same.
            _underway = [new Lagged(_lost)];
            _published = 0;
            _lost = 0;
            return true;
        }
    }

    private IActorRef? Waken()
    {
        if (_isWoken || _actor is null)
        {
            return null;
        }

        _isWoken = true;
        return _actor;
    }
}
