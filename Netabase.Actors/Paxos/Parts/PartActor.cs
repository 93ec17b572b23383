using Akka.Actor;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Parts;

/// <summary>A part that has no work but what all have: proposer, elector, gateway. Each life has a core of its own, made in it.</summary>
internal sealed class PartActor : ReceiveActor, IWithTimers
{
    private readonly Part _part;
    private readonly GroupParts _group;
    private readonly Func<long, IPaxosCore> _make;
    private IPaxosCore _core = null!;
    private PartShell _shell = null!;

    public PartActor(Part part, GroupParts group, Func<long, IPaxosCore> make)
    {
        _part = part;
        _group = group;
        _make = make;
        Receive<PaxosProtocol.Step>(OnStep);
        Receive<PaxosProtocol.WakeUp>(_ => OnWakeUp());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="part">Which.</param>
    /// <param name="group">The group.</param>
    /// <param name="make">Makes the core of a life that begins at the clock given.</param>
    public static Props Props(Part part, GroupParts group, Func<long, IPaxosCore> make) => Akka.Actor.Props.Create(() => new PartActor(part, group, make));

    protected override void PreStart()
    {
        if (_part == Part.Gateway)
        {
            // What the last life was asked, nobody will answer.
            _group.Calls.AbandonAll();
        }

        _core = _make(_group.Clock.Now());
        _shell = new PartShell(_part, _group, Timers);
        _group.Attach(_part, Self);
        _shell.Advance(_core.Step(new PaxosInput.Started(), _group.Clock.Now()));
    }

    protected override void PostStop() => _group.Detach(_part, Self);

    private void OnStep(PaxosProtocol.Step step)
    {
        _shell.Advance(_core.Step(step.Input, _group.Clock.Now()));
        step.Door?.Leave();
    }

    private void OnWakeUp()
    {
        if (_shell.IsDue())
        {
            _shell.Advance(_core.Step(new PaxosInput.Tick(), _group.Clock.Now()));
        }
    }
}
