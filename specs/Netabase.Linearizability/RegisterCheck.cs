namespace Netabase.Linearizability;

/// <summary>
/// Whether the operations on one register can have happened one at a time, each between its invocation and its return
/// (Herlihy and Wing 1990), found by just-in-time linearization (Lowe 2016): at each return, every configuration has to
/// let that operation take effect, and those that cannot are dropped; when none is left, the history is wrong from there on.
/// </summary>
/// <remarks>
/// What keeps the number of configurations small, each without losing an answer:
/// reads take effect as soon as the state is theirs, since they change nothing;
/// a write that nobody under way would see is not tried but becomes free (see <see cref="Configuration"/>);
/// an unknown operation is tried only when somebody would see it, since else it need not have happened;
/// equal unknown operations are one class, of which so many are available;
/// a configuration that gives up a value which somebody still has to see is dropped at once (see <see cref="Prospects"/>),
/// when it looks ahead, which makes histories fail earlier than their prefixes do.
/// With a width, only the most promising configurations are followed: what is found possible is, what is found impossible
/// need not be, unless the search <see cref="IsExhaustive"/> nonetheless.
/// </remarks>
internal sealed class RegisterCheck(
    IReadOnlyList<Operation> operations, Spending spending, int width = RegisterCheck.Unlimited, bool looksAhead = false)
{
    public const int Unlimited = int.MaxValue;

    // Tried for one return, for each configuration followed.
    private const int VisitsPerWidth = 8;

    private readonly Operation?[] _underWay = new Operation?[Slots.Max];
    private readonly Dictionary<int, int> _slotOf = [];
    private readonly Dictionary<int, Slots> _satisfiedBy = [];
    private readonly Dictionary<int, Slots> _writesOf = [];
    private readonly UnknownOperations _unknown = new();
    private readonly Prospects _prospects = new(looksAhead ? operations : []);
    private readonly bool _looksAhead = looksAhead;
    private readonly Configurations _visited = new();
    private readonly Queue<Configuration> _toVisit = new();
    private readonly HashSet<int> _wanted = [];
    private Slots _occupied;
    private Slots _writes;
    private List<Configuration> _configurations = [Configuration.Start];

    /// <summary>Whether nothing was left out so far.</summary>
    public bool IsExhaustive { get; private set; } = true;

    /// <summary>The states that were possible before the last return: what a report can name.</summary>
    public IEnumerable<int> States => _configurations.Select(configuration => configuration.State).Distinct().Order();

    /// <summary>The first operation that cannot have returned as it did, or null. Looks no further than <paramref name="until"/>.</summary>
    public Operation? FirstImpossible(int until = Operation.Never)
    {
        foreach (var (time, operation) in Events())
        {
            if (time > until)
            {
                break;
            }

            if (time == operation.Invoked)
            {
                Invoke(operation);
            }
            else if (!Return(operation))
            {
                return operation;
            }
        }

        return null;
    }

    private List<(int Time, Operation Operation)> Events()
    {
        var events = new List<(int Time, Operation Operation)>(operations.Count * 2);
        foreach (var operation in operations)
        {
            // A read that told nothing says nothing.
            if (operation.Fate == Fate.NotDone || operation is { Kind: OperationKind.Read, Fate: Fate.Unknown })
            {
                continue;
            }

            events.Add((operation.Invoked, operation));
            if (operation.Fate == Fate.Done)
            {
                events.Add((operation.Returned, operation));
            }
        }

        events.Sort(static (one, other) => one.Time.CompareTo(other.Time));
        return events;
    }

    private void Invoke(Operation operation)
    {
        if (operation.Fate == Fate.Unknown)
        {
            _unknown.Add(operation);
            return;
        }

        var slot = FreeSlot();
        var bit = Slots.Of(slot);
        if (_looksAhead)
        {
            _prospects.Invoke(operation, bit);
        }

        _underWay[slot] = operation;
        _slotOf[operation.Invoked] = slot;
        _occupied = _occupied.With(bit);
        var isWrite = operation.Kind == OperationKind.Write;
        var isSatisfied = operation.Kind == OperationKind.Read || (!isWrite && operation.Expected == operation.Value);
        if (isWrite)
        {
            _writes = _writes.With(bit);
            _writesOf[operation.Value] = _writesOf.GetValueOrDefault(operation.Value).With(bit);
        }
        else if (isSatisfied)
        {
            _satisfiedBy[operation.Value] = _satisfiedBy.GetValueOrDefault(operation.Value).With(bit);
        }

        for (var i = 0; (isWrite || isSatisfied) && i < _configurations.Count; i++)
        {
            if (_configurations[i].State == operation.Value)
            {
                _configurations[i] = isWrite
                    ? _configurations[i] with { Free = _configurations[i].Free.With(bit) }
                    : _configurations[i] with { Done = _configurations[i].Done.With(bit) };
            }
        }
    }

    private int FreeSlot()
    {
        var free = new Slots(UInt128.MaxValue, UInt128.MaxValue).Without(_occupied).First;
        return free < Slots.Max ? free : throw new OverBudgetException($"more than {Slots.Max} operations under way at once on one key");
    }

    private bool Return(Operation operation)
    {
        var slot = _slotOf[operation.Invoked];
        var bit = Slots.Of(slot);
        var next = new Configurations();
        _visited.Clear();
        foreach (var configuration in _configurations)
        {
            if (configuration.Done.Has(slot))
            {
                next.Add(configuration with { Done = configuration.Done.Without(bit) });
                continue;
            }

            if (configuration.Free.Has(slot))
            {
                next.Add(configuration with { Free = configuration.Free.Without(bit) });
            }

            _toVisit.Enqueue(configuration);
            while (_toVisit.TryDequeue(out var visited))
            {
                spending.Step(_visited.Count + next.Count);
                Visit(visited, slot, next);
                if (_visited.Count / VisitsPerWidth >= width)
                {
                    IsExhaustive = false;
                    _toVisit.Clear();
                }
            }
        }

        if (next.Count == 0)
        {
            return false;
        }

        Forget(operation, slot, bit);
        _configurations = _unknown.WithoutWhatAllUsed(MostPromising([.. next.All()]));
        return true;
    }

    private List<Configuration> MostPromising(List<Configuration> all)
    {
        if (all.Count <= width)
        {
            return all;
        }

        IsExhaustive = false;
        return [.. all.OrderBy(configuration => configuration.Used.Length).Take(width)];
    }

    private void Forget(Operation operation, int slot, Slots bit)
    {
        if (_looksAhead)
        {
            _prospects.Return(operation, bit);
        }

        _underWay[slot] = null;
        _slotOf.Remove(operation.Invoked);
        _occupied = _occupied.Without(bit);
        _writes = _writes.Without(bit);
        Forget(_writesOf, operation.Value, bit);
        Forget(_satisfiedBy, operation.Value, bit);
    }

    private static void Forget(Dictionary<int, Slots> slots, int value, Slots bit)
    {
        if (slots.TryGetValue(value, out var left))
        {
            left = left.Without(bit);
            if (left.IsEmpty)
            {
                slots.Remove(value);
            }
            else
            {
                slots[value] = left;
            }
        }
    }

    // All that can take effect next; what made the awaited operation happen goes to the next configurations.
    private void Visit(Configuration from, int awaited, Configurations next)
    {
        FindWanted(from);
        for (var left = _occupied.Without(from.Done); !left.IsEmpty;)
        {
            var slot = left.First;
            left = left.Without(Slots.Of(slot));
            var operation = _underWay[slot]!;
            if (slot == awaited || operation.Kind != OperationKind.Write || _wanted.Contains(operation.Value))
            {
                Try(from, operation.Kind, operation.Expected, operation.Value, Slots.Of(slot), from.Used, awaited, next);
            }
        }

        foreach (var value in _wanted)
        {
            foreach (var maybe in _unknown.That(value))
            {
                if (_unknown.IsLeft(from, maybe))
                {
                    var (kind, expected) = _unknown[maybe];
                    Try(from, kind, expected, value, default, from.UsedAnd(maybe), awaited, next);
                }
            }
        }
    }

    private void Try(
        Configuration from, OperationKind kind, int expected, int value, Slots bit, int[] used, int awaited, Configurations next)
    {
        // A read that was satisfied is done already.
        if (kind == OperationKind.Read || (kind == OperationKind.CompareAndSet && from.State != expected))
        {
            return;
        }

        var done = from.Done.With(bit).With(_satisfiedBy.GetValueOrDefault(value));
        if (from.State != value && _prospects.IsLost(from.State, done))
        {
            return;
        }

        var free = from.Free.With(_writesOf.GetValueOrDefault(value));
        if (kind == OperationKind.Write)
        {
            free = free.With(_writes);
        }

        var to = new Configuration(value, done, free.Without(done), used);
        if (done.Has(awaited))
        {
            next.Add(to with { Done = done.Without(Slots.Of(awaited)) });
        }
        else if (_visited.Add(to))
        {
            _toVisit.Enqueue(to);
        }
    }

    // Values that somebody under way waits for, be it through unknown compare-and-sets.
    private void FindWanted(Configuration from)
    {
        _wanted.Clear();
        for (var left = _occupied.Without(from.Done).Without(_writes); !left.IsEmpty;)
        {
            var slot = left.First;
            left = left.Without(Slots.Of(slot));
            var operation = _underWay[slot]!;
            _unknown.AddWithSources(operation.Kind == OperationKind.Read ? operation.Value : operation.Expected, from, _wanted);
        }

        _wanted.Remove(from.State);
    }
}
