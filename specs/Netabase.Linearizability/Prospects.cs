using System.Runtime.InteropServices;

namespace Netabase.Linearizability;

/// <summary>
/// What is still to come of each value. A register that leaves a value for good while somebody still has to see it has gone
/// wrong there and then, and not only at the return of who had to see it.
/// </summary>
internal sealed class Prospects
{
    private readonly Dictionary<int, Value> _values = [];

    public Prospects(IEnumerable<Operation> operations)
    {
        foreach (var operation in operations)
        {
            if (operation.Fate == Fate.Unknown)
            {
                Of(operation.Value).HasUnknownSource |= operation.Kind != OperationKind.Read;
            }
            else if (operation.Fate == Fate.Done)
            {
                Count(operation, 1);
            }
        }
    }

    public void Invoke(Operation operation, Slots bit)
    {
        Count(operation, -1);
        Mark(operation, bit, static (slots, bit) => slots.With(bit));
    }

    public void Return(Operation operation, Slots bit) => Mark(operation, bit, static (slots, bit) => slots.Without(bit));

    /// <summary>Whether a value that the register no longer holds has to come back and cannot.</summary>
    public bool IsLost(int value, Slots done)
    {
        ref var prospect = ref CollectionsMarshal.GetValueRefOrNullRef(_values, value);
        return !System.Runtime.CompilerServices.Unsafe.IsNullRef(ref prospect)
            && !prospect.HasUnknownSource && prospect.LaterSources == 0 && prospect.Sources.Without(done).IsEmpty
            && (prospect.LaterSeers > 0 || !prospect.Seers.Without(done).IsEmpty);
    }

    private void Count(Operation operation, int change)
    {
        if (operation.Kind != OperationKind.Read)
        {
            Of(operation.Value).LaterSources += change;
        }

        if (operation.Kind != OperationKind.Write)
        {
            Of(Seen(operation)).LaterSeers += change;
        }
    }

    private void Mark(Operation operation, Slots bit, Func<Slots, Slots, Slots> mark)
    {
        if (operation.Kind != OperationKind.Read)
        {
            ref var source = ref Of(operation.Value);
            source.Sources = mark(source.Sources, bit);
        }

        if (operation.Kind != OperationKind.Write)
        {
            ref var seer = ref Of(Seen(operation));
            seer.Seers = mark(seer.Seers, bit);
        }
    }

    private static int Seen(Operation operation) => operation.Kind == OperationKind.Read ? operation.Value : operation.Expected;

    private ref Value Of(int value) => ref CollectionsMarshal.GetValueRefOrAddDefault(_values, value, out _);

    private struct Value
    {
        public bool HasUnknownSource;
        public int LaterSources;
        public int LaterSeers;
        public Slots Sources;
        public Slots Seers;
    }
}
