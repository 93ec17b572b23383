using Akka.Actor;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Parts;

/// <summary>What every part does with what its core leaves, but for the work that is the part's own.</summary>
internal sealed class PartShell(Part part, GroupParts group, ITimerScheduler timers)
{
    private long? _wakeAt;
    private long? _timerAt;

    /// <summary>Sends and tells in order, and sees to it that the core is ticked when it wants.</summary>
    public void Advance(Ready ready)
    {
        if (ready.Halt is { } why)
        {
            group.Halt(why);
        }

        foreach (var outgoing in ready.SendNow)
        {
            group.Send(part, outgoing);
        }

        foreach (var told in ready.Tell)
        {
            group.Tell(told.To, told.Input);
        }

        foreach (var happened in ready.Events)
        {
            group.Announce(happened);
        }

        foreach (var answer in ready.Answers)
        {
            group.Calls.Answer(answer);
        }

        foreach (var answer in ready.Reads)
        {
            group.Calls.Answer(answer);
        }

        _wakeAt = ready.WakeAt ?? _wakeAt;
        Arm();
    }

    /// <summary>The timer has fired.</summary>
    /// <returns>Whether the core is to be ticked now.</returns>
    public bool IsDue()
    {
        _timerAt = null;
        if (_wakeAt is not { } due || due > group.Clock.Now())
        {
            Arm();
            return false;
        }

        _wakeAt = null;
        return true;
    }

    // A timer that fires too early costs one look at the clock; one set anew at every message would cost more.
    private void Arm()
    {
        if (_wakeAt is not { } due || _timerAt <= due)
        {
            return;
        }

        _timerAt = due;
        var wait = Math.Max(0, due - group.Clock.Now());
        timers.StartSingleTimer(PaxosProtocol.WakeUp.Instance, PaxosProtocol.WakeUp.Instance, TimeSpan.FromMilliseconds(wait));
    }
}
