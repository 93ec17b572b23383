using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>Where a core gathers a step's effects; emptied by <see cref="Take"/>.</summary>
internal sealed class Work
{
    private readonly List<Outgoing> _sendAfterSave = [];
    private readonly List<Outgoing> _sendNow = [];
    private readonly List<Told> _tell = [];
    private readonly List<Delivery> _apply = [];
    private readonly List<CommandAnswer> _answers = [];
    private readonly List<ReadAnswer> _reads = [];
    private readonly List<Duty> _duties = [];
    private readonly List<PaxosEvent> _events = [];

    public AcceptorWrite? Save { get; set; }

    /// <summary>Stays once it is set: a group that stopped does not go on.</summary>
    public string? Halt { get; set; }

    public void SendAfterSave(NodeId to, PaxosMessage message) => _sendAfterSave.Add(new Outgoing(to, message));

    public void Send(NodeId to, PaxosMessage message) => _sendNow.Add(new Outgoing(to, message));

    public void Tell(Part to, PaxosInput input) => _tell.Add(new Told(to, input));

    public void Apply(Slot slot, Batch batch) => _apply.Add(new Delivery(slot, batch));

    public void Answer(CommandAnswer answer) => _answers.Add(answer);

    public void Read(ReadAnswer answer) => _reads.Add(answer);

    public void Do(Duty duty) => _duties.Add(duty);

    public void Say(PaxosEvent happened) => _events.Add(happened);

    public Ready Take(long? wakeAt)
    {
        var ready = new Ready
        {
            Save = Save,
            SendAfterSave = Drain(_sendAfterSave),
            SendNow = Drain(_sendNow),
            Tell = Drain(_tell),
            Apply = Drain(_apply),
            Answers = Drain(_answers),
            Reads = Drain(_reads),
            Duties = Drain(_duties),
            Halt = Halt,
            Events = Drain(_events),
            WakeAt = wakeAt,
        };
        Save = null;
        return ready;
    }

    private static ImmutableArray<T> Drain<T>(List<T> list)
    {
        if (list.Count == 0)
        {
            return [];
        }

        var array = ImmutableArray.CreateRange(list);
        list.Clear();
        return array;
    }
}
