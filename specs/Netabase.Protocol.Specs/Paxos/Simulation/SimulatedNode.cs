using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Simulation;

/// <summary>
/// The six real cores of a node, wired as actors are: each has a mailbox, what comes from one sender comes in order, what comes from
/// several in any. Any of them, or all, can lose what they hold in memory; the disk and the state keep what was committed.
/// </summary>
internal sealed class SimulatedNode
{
    private const int Parts = 6;
    private const int Line = 6;
    private const int Clock = 7;
    private const int Outside = 8;
    private const int Senders = 9;

    private readonly World _world;
    private readonly Queue<PaxosInput>[] _mail = [.. Enumerable.Range(0, Senders * Parts).Select(_ => new Queue<PaxosInput>())];
    private readonly IPaxosCore?[] _cores = new IPaxosCore?[Parts];
    private readonly int[] _lives = new int[Parts];
    private readonly long[] _wakeAt = new long[Parts];
    private readonly double _speed;
    private readonly long _offset;
    private long _pausedUntil;

    public SimulatedNode(World world, NodeId id)
    {
        _world = world;
        Id = id;
        _speed = 1 + (((world.Chance.Below(2001) / 1000.0) - 1) * world.Trouble.Drift);
        _offset = World.Epoch + world.Chance.Below(400);
        Disk = new SimulatedDisk(world, this);
        Store = new SimulatedStore(world, this);
    }

    public NodeId Id { get; }

    public SimulatedDisk Disk { get; }

    public SimulatedStore Store { get; }

    public bool IsUp { get; private set; }

    /// <summary>Counted up with every start of the node: what belongs to an earlier life is dropped.</summary>
    public int Life { get; private set; }

    public long Now => _offset + (long)(_world.Now * _speed);

    /// <summary>What its gateway follows.</summary>
    public Ballot Following { get; private set; }

    public int LifeOf(Part part) => _lives[(int)part];

    public void Start()
    {
        if (IsSpoilt())
        {
            return;
        }

        IsUp = true;
        Life++;
        _world.Say($"{World.Short(Id)} starts");
        Store.Open();
        for (var part = Part.Acceptor; part <= Part.Gateway; part++)
        {
            Begin(part);
        }
    }

    public void Crash()
    {
        _world.Say($"{World.Short(Id)} crashes");
        IsUp = false;
        Life++;
        Disk.Crash();
        Store.Close();
        for (var part = Part.Acceptor; part <= Part.Gateway; part++)
        {
            End(part, keepsMail: false);
        }
    }

    /// <summary>One part alone begins anew: as an actor that restarts with its mailbox, or as one that was stopped and lost it.</summary>
    public void Restart(Part part)
    {
        if (part == Part.Acceptor && IsSpoilt())
        {
            return;
        }

        _world.Say($"{World.Short(Id)} restarts its {part}");
        End(part, keepsMail: _world.Chance.Chance(0.5));
        if (part == Part.Acceptor)
        {
            Disk.Crash();
        }
        else if (part == Part.Learner)
        {
            Store.Close();
            Store.Open();
        }

        Begin(part);
    }

    /// <summary>The journal's checksums say so to whoever reads it: then the group ends on this node.</summary>
    private bool IsSpoilt()
    {
        if (Disk.IsRotten)
        {
            _world.Say($"{World.Short(Id)} finds its journal rotten");
            Spoilt?.Invoke();
        }

        return Disk.IsRotten;
    }

    public void Pause(long time)
    {
        _world.Say($"{World.Short(Id)} pauses for {time}");
        _pausedUntil = _world.Now + time;
    }

    public void Receive(NodeId from, PaxosMessage message)
    {
        if (IsUp)
        {
            Post(Line, Routing.PartOf(message), new PaxosInput.Received(from, message));
        }
    }

    /// <summary>Something from the disk, the store or a client.</summary>
    public void Tell(Part part, PaxosInput input) => Post(Outside, part, input);

    public void Send(NodeId to, PaxosMessage message)
    {
        _world.Laws.OnSent(this, message);
        if (to == Id)
        {
            Post(Line, Routing.PartOf(message), new PaxosInput.Received(Id, message));
        }
        else
        {
            _world.Send(Id, to, message);
        }
    }

    private void Begin(Part part)
    {
        var seed = _world.Chance.Next();
        var settings = _world.Trouble.Settings;
        _cores[(int)part] = part switch
        {
            Part.Acceptor => new Acceptor(Disk.Read(), settings, null, Now),
            Part.Proposer => new Proposer(Id, settings, seed),
            Part.Learner => new Learner(Id, Store.Applied, settings),
            Part.Elector => new Elector(Id, settings, seed),
            Part.CatchUp => new CatchUp(Id, settings),
            _ => new Gateway(Id, settings, seed),
        };
        Step(part, new PaxosInput.Started());
    }

    private void End(Part part, bool keepsMail)
    {
        _lives[(int)part]++;
        _wakeAt[(int)part] = long.MaxValue;
        _cores[(int)part] = null;
        for (var from = 0; from < Senders && !keepsMail; from++)
        {
            _mail[(from * Parts) + (int)part].Clear();
        }

        _mail[(Clock * Parts) + (int)part].Clear();
        _mail[(Outside * Parts) + (int)part].Clear();
    }

    private void Post(int from, Part to, PaxosInput input)
    {
        _mail[(from * Parts) + (int)to].Enqueue(input);
        var life = Life;
        var delay = _world.Chance.Chance(0.1) ? _world.Chance.Below(4) : 0;
        _world.After(delay, () => Dispatch(life));
    }

    /// <summary>Any one mailbox that is not empty: between two senders there is no order.</summary>
    private void Dispatch(int life)
    {
        if (life != Life)
        {
            return;
        }

        if (_world.Now < _pausedUntil)
        {
            _world.At(_pausedUntil, () => Dispatch(life));
            return;
        }

        var first = _world.Chance.Below(_mail.Length);
        for (var i = 0; i < _mail.Length; i++)
        {
            var which = (first + i) % _mail.Length;
            if (_mail[which].TryDequeue(out var input))
            {
                Step((Part)(which % Parts), input);
                return;
            }
        }
    }

    private void Step(Part part, PaxosInput input)
    {
        if (_cores[(int)part] is not { } core)
        {
            return;
        }

        Ready ready;
        try
        {
            ready = core.Step(input, Now);
        }
        catch (PaxosInvariantException broken)
        {
            throw new LawBrokenException($"{World.Short(Id)} {part} on {input}: {broken.Message}");
        }

        Do(part, ready);
    }

    private void Do(Part part, Ready ready)
    {
        Laws.Demand(ready.Halt is null, $"{World.Short(Id)} halts: {ready.Halt}");
        Laws.Demand(ready.Save is not null || ready.SendAfterSave.IsEmpty, "what is to be said after a save comes with one");
        if (ready.Save is { } write)
        {
            Disk.Write(write, ready.SendAfterSave);
        }

        foreach (var outgoing in ready.SendNow)
        {
            Send(outgoing.To, outgoing.Message);
        }

        foreach (var told in ready.Tell)
        {
            Following = told is { To: Part.Gateway, Input: PaxosInput.Following following } ? following.Leader : Following;
            if (told.Input is PaxosInput.ReadIndexed indexed && indexed.Slot != Slot.Last && indexed.LeaseUntil != long.MaxValue)
            {
                _world.Laws.OnVouched(this);
            }

            Post((int)part, told.To, told.Input);
        }

        Store.Apply(ready.Apply);
        foreach (var answer in ready.Answers)
        {
            _world.Laws.OnAnswer(answer);
            Answered?.Invoke(answer);
        }

        foreach (var read in ready.Reads)
        {
            Read?.Invoke(read);
        }

        foreach (var duty in ready.Duties)
        {
            Store.Do(duty);
        }

        foreach (var happened in ready.Events)
        {
            _world.Say($"{World.Short(Id)} {happened}");
        }

        Wake(part, ready.WakeAt);
    }

    /// <summary>Answers of its gateway, for whoever listens.</summary>
    public event Action<CommandAnswer>? Answered;

    /// <summary>It cannot go on with this disk.</summary>
    public event Action? Spoilt;

    /// <summary>Answers for readers.</summary>
    public event Action<ReadAnswer>? Read;

    private void Wake(Part part, long? at)
    {
        if (at is not { } wakeAt)
        {
            return;
        }

        _wakeAt[(int)part] = wakeAt;
        var life = LifeOf(part);
        var when = (long)Math.Ceiling((wakeAt - _offset) / _speed);
        _world.At(Math.Max(when, _world.Now + 1), () =>
        {
            if (life == LifeOf(part) && _wakeAt[(int)part] == wakeAt && Now >= wakeAt)
            {
                _wakeAt[(int)part] = long.MaxValue;
                Post(Clock, part, new PaxosInput.Tick());
            }
        });
    }
}
