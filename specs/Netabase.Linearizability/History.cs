namespace Netabase.Linearizability;

/// <summary>
/// What processes asked of registers and what they were told, in real-time order. Keys and values are kept as numbers;
/// <see cref="KeyText"/> and <see cref="ValueText"/> give their JSON back.
/// </summary>
public sealed class History
{
    /// <summary>The number of null, the value of every register at the start.</summary>
    public const int Nothing = 0;

    private readonly List<Operation> _operations = [];
    private readonly List<string> _keys = [];
    private readonly List<string> _values = ["null"];
    private readonly Dictionary<string, int> _keyNumbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _valueNumbers = new(StringComparer.Ordinal) { ["null"] = Nothing };
    private readonly Dictionary<long, Operation> _open = [];
    private int _time;

    public IReadOnlyList<Operation> Operations => _operations;

    /// <summary>How many registers were named.</summary>
    public int Keys => _keys.Count;

    public string KeyText(int key) => _keys[key];

    public string ValueText(int value) => _values[value];

    /// <summary>The number of a key given as JSON.</summary>
    public int Key(string json) => Number(_keyNumbers, _keys, json);

    /// <summary>The number of a value given as JSON.</summary>
    public int Value(string json) => Number(_valueNumbers, _values, json);

    /// <summary>The operation that a process has under way, or null.</summary>
    public Operation? Open(long process) => _open.GetValueOrDefault(process);

    /// <summary>A process asks. It has to have heard of its last operation: at least that nothing is known of it.</summary>
    public Operation Invoke(long process, OperationKind kind, int key, int expected = Nothing, int value = Nothing)
    {
        var operation = new Operation(process, kind, key, expected, _time++) { Value = value };
        if (!_open.TryAdd(process, operation))
        {
            throw new InvalidOperationException($"process {process} has an operation under way");
        }

        _operations.Add(operation);
        return operation;
    }

    /// <summary>It took effect; a read says what it saw.</summary>
    public void Done(long process, int? seen = null)
    {
        var operation = Close(process);
        operation.Fate = Fate.Done;
        operation.Returned = operation.Ended;
        if (operation.Kind == OperationKind.Read)
        {
            operation.Value = seen ?? Nothing;
        }
    }

    /// <summary>It did not happen.</summary>
    public void NotDone(long process)
    {
        var operation = Close(process);
        operation.Fate = Fate.NotDone;
        operation.Returned = operation.Ended;
    }

    /// <summary>Nobody knows; the process goes on.</summary>
    public void Unknown(long process)
    {
        Close(process);
    }

    private Operation Close(long process)
    {
        if (!_open.Remove(process, out var operation))
        {
            throw new InvalidOperationException($"process {process} has no operation under way");
        }

        operation.Ended = _time++;
        return operation;
    }

    private static int Number(Dictionary<string, int> numbers, List<string> texts, string json)
    {
        if (!numbers.TryGetValue(json, out var number))
        {
            number = texts.Count;
            texts.Add(json);
            numbers.Add(json, number);
        }

        return number;
    }
}
