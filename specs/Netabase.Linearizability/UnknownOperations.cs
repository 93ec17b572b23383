using System.Runtime.InteropServices;

namespace Netabase.Linearizability;

/// <summary>
/// Writes and compare-and-sets of unknown fate that were invoked so far. Equal ones are one class: the earlier can stand
/// for the later, since none of them has a return.
/// </summary>
internal sealed class UnknownOperations
{
    private readonly Dictionary<(OperationKind Kind, int Expected, int Value), int> _classes = [];
    private readonly List<(OperationKind Kind, int Expected)> _whats = [];
    private readonly List<int> _available = [];
    private readonly Dictionary<int, List<int>> _byValue = [];
    private readonly Stack<int> _sources = new();

    public (OperationKind Kind, int Expected) this[int maybe] => _whats[maybe];

    public void Add(Operation operation)
    {
        // It would change nothing.
        if (operation.Kind == OperationKind.CompareAndSet && operation.Expected == operation.Value)
        {
            return;
        }

        var what = (operation.Kind, operation.Expected, operation.Value);
        if (!_classes.TryGetValue(what, out var maybe))
        {
            maybe = _whats.Count;
            _classes.Add(what, maybe);
            _whats.Add((operation.Kind, operation.Expected));
            _available.Add(0);
            ref var all = ref CollectionsMarshal.GetValueRefOrAddDefault(_byValue, operation.Value, out _);
            (all ??= []).Add(maybe);
        }

        _available[maybe]++;
    }

    /// <summary>The classes that leave this value behind.</summary>
    public IReadOnlyList<int> That(int value) => _byValue.TryGetValue(value, out var all) ? all : [];

    public bool IsLeft(Configuration configuration, int maybe) => _available[maybe] > configuration.TimesUsed(maybe);

    /// <summary>Adds a value, and those that unknown compare-and-sets could turn into it.</summary>
    public void AddWithSources(int value, Configuration configuration, HashSet<int> values)
    {
        _sources.Push(value);
        while (_sources.TryPop(out var source))
        {
            if (!values.Add(source))
            {
                continue;
            }

            foreach (var maybe in That(source))
            {
                if (_whats[maybe] is (OperationKind.CompareAndSet, var expected) && IsLeft(configuration, maybe))
                {
                    _sources.Push(expected);
                }
            }
        }
    }

    /// <summary>What every configuration has used is gone for good, and none has to carry it on.</summary>
    public List<Configuration> WithoutWhatAllUsed(List<Configuration> configurations)
    {
        var common = configurations[0].Used;
        for (var i = 1; i < configurations.Count && common.Length > 0; i++)
        {
            common = Common(common, configurations[i].Used);
        }

        if (common.Length == 0)
        {
            return configurations;
        }

        foreach (var maybe in common)
        {
            _available[maybe]--;
        }

        return configurations.ConvertAll(configuration => configuration with { Used = Less(configuration.Used, common) });
    }

    private static int[] Common(int[] one, int[] other)
    {
        var common = new List<int>();
        for (int i = 0, j = 0; i < one.Length && j < other.Length;)
        {
            if (one[i] == other[j])
            {
                common.Add(one[i]);
                i++;
                j++;
            }
            else if (one[i] < other[j])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return [.. common];
    }

    private static int[] Less(int[] used, int[] common)
    {
        var less = new int[used.Length - common.Length];
        for (int i = 0, j = 0; i < used.Length; i++)
        {
            if (j < common.Length && used[i] == common[j])
            {
                j++;
            }
            else
            {
                less[i - j] = used[i];
            }
        }

        return less;
    }
}
