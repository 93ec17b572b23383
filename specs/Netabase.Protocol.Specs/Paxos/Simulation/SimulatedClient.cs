using Netabase.Linearizability;
using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Simulation;

/// <summary>
/// One process of the history: asks any node, asks again elsewhere with the same id when it hears nothing, and gives up in the end.
/// </summary>
internal sealed class SimulatedClient
{
    private const long Patience = 400;

    private readonly World _world;
    private readonly History _history;
    private readonly int _process;
    private ClientId _session;
    private ulong _sequence;
    private Call? _call;
    private int _value;

    public SimulatedClient(World world, History history, int process)
    {
        _world = world;
        _history = history;
        _process = process;
        Renew();
    }

    /// <summary>Whether it goes on asking.</summary>
    public bool IsAsking { get; set; } = true;

    /// <summary>Operations that came to a certain end.</summary>
    public int Ended { get; private set; }

    public void Begin() => _world.After(1 + _world.Chance.Below(60), Next);

    /// <summary>Hears the answers of a node for as long as it lives.</summary>
    public void Listen(SimulatedNode node)
    {
        node.Answered += OnAnswer;
        node.Read += answer => OnRead(node, answer);
    }

    private void Renew()
    {
        _session = ClientId.Create(World.Epoch + 200 + _world.Now, ((UInt128)_world.Chance.Next() << 64) | _world.Chance.Next());
        _sequence = 0;
    }

    private void Next()
    {
        if (!IsAsking)
        {
            return;
        }

        var register = (byte)_world.Chance.Below(3);
        var key = _history.Key(register.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var value = (_process * 100_000) + ++_value;
        switch (_world.Chance.Below(10))
        {
            case < 4:
                _call = new Call(new RegisterCommand(register, null, 0), IsRead: true, Number: _world.Chance.Next() >> 1);
                _history.Invoke(_process, OperationKind.Read, key);
                break;
            case < 8:
                _call = new Call(new RegisterCommand(register, null, value), IsRead: false, Number: ++_sequence);
                _history.Invoke(_process, OperationKind.Write, key, value: Number(value));
                break;
            default:
                var expected = _world.Nodes.Values.First().Store[register];
                _call = new Call(new RegisterCommand(register, expected, value), IsRead: false, Number: ++_sequence);
                _history.Invoke(_process, OperationKind.CompareAndSet, key, Number(expected), Number(value));
                break;
        }

        Ask(_call);
    }

    private void Ask(Call call)
    {
        var up = _world.Nodes.Values.Where(node => node.IsUp).ToArray();
        if (up.Length > 0)
        {
            var node = up[_world.Chance.Below(up.Length)];
            var deadline = node.Now + Patience;
            PaxosInput input = call.IsRead
                ? new PaxosInput.Read(call.Number, new ReadKind.Linearizable(), deadline)
                : new PaxosInput.Submit(
                    new Command(new CommandId(_session, call.Number), call.Number, call.Body.Write()), false, deadline, call.Attempts > 0);
            node.Tell(Part.Gateway, input);
        }

        var attempt = call.Attempts;
        _world.After(Patience + 100, () =>
        {
            if (_call == call && call.Attempts == attempt)
            {
                Again(call);
            }
        });
    }

    private void Again(Call call)
    {
        call.Attempts++;
        if (call.Attempts < 3 && (IsAsking || call.Attempts < 2))
        {
            Ask(call);
            return;
        }

        _call = null;
        _history.Unknown(_process);
        Renew();
        Begin();
    }

    private void OnAnswer(CommandAnswer answer)
    {
        if (_call is not { IsRead: false } call || answer.Id != new CommandId(_session, call.Number))
        {
            return;
        }

        switch (answer)
        {
            case CommandAnswer.Applied applied when applied.Outcome.Span[0] == 1:
                _history.Done(_process);
                break;
            case CommandAnswer.Applied:
                _history.NotDone(_process);
                break;
            case CommandAnswer.NotCommitted when call.Attempts == 0:
                _world.Laws.OnRefused(answer.Id);
                _history.NotDone(_process);
                break;
            default:
                call.Attempts++;
                _world.After(10, () =>
                {
                    if (_call == call)
                    {
                        Again(call);
                    }
                });
                return;
        }

        End();
    }

    private void OnRead(SimulatedNode node, ReadAnswer answer)
    {
        if (_call is not { IsRead: true } call || answer.Read != call.Number)
        {
            return;
        }

        if (answer is not ReadAnswer.Ready ready)
        {
            Again(call);
            return;
        }

        var life = node.Life;
        _world.After(_world.Chance.Below(3), () =>
        {
            if (_call != call || node.Life != life || !node.IsUp)
            {
                return;
            }

            var seen = node.Store[call.Body.Register];
            if (node.Now >= ready.LeaseUntil)
            {
                call.Number = _world.Chance.Next() >> 1;
                Again(call);
                return;
            }

            _history.Done(_process, Number(seen));
            End();
        });
    }

    private void End()
    {
        _call = null;
        Ended++;
        Begin();
    }

    private int Number(int value) =>
        value == 0 ? History.Nothing : _history.Value(value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private sealed record Call(RegisterCommand Body, bool IsRead, ulong Number)
    {
        public ulong Number { get; set; } = Number;

        public int Attempts { get; set; }
    }
}
