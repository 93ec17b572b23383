using System.Globalization;

namespace Netabase.Linearizability.Specs;

/// <summary>What a random history looks like.</summary>
/// <param name="Operations">How many.</param>
/// <param name="Processes">How many at once.</param>
/// <param name="Keys">Registers.</param>
/// <param name="Values">Values written, 1 to this; 0 for a new one each time.</param>
/// <param name="Unknown">Probability of an unknown fate; half of those take effect.</param>
internal sealed record Shape(int Operations, int Processes, int Keys, int Values, double Unknown);

/// <summary>Histories of registers that were really there: each operation takes effect at a known point between invocation and return.</summary>
internal static class RandomHistories
{
    public static History Linearizable(SplitMix64 chance, Shape shape)
    {
        var history = new History();
        var states = new int[shape.Keys];
        var keys = Enumerable.Range(0, shape.Keys).Select(key => history.Key($"\"k{key}\"")).ToArray();
        var underWay = new Operation?[shape.Processes];
        var isEffective = new bool[shape.Processes];
        var seen = new int[shape.Processes];
        var fresh = 0;
        var left = shape.Operations;
        while (left > 0 || underWay.Any(operation => operation is not null))
        {
            var process = chance.Below(shape.Processes);
            if (underWay[process] is not { } operation)
            {
                if (left-- > 0)
                {
                    underWay[process] = Invoke(history, chance, shape, process, keys, states, ref fresh);
                    isEffective[process] = false;
                }

                continue;
            }

            if (!isEffective[process])
            {
                isEffective[process] = true;
                if (chance.Chance(shape.Unknown))
                {
                    history.Unknown(process);
                    underWay[process] = null;
                    if (chance.Chance(0.5) && operation.Kind == OperationKind.Write)
                    {
                        states[operation.Key] = operation.Value;
                    }

                    continue;
                }

                seen[process] = states[operation.Key];
                states[operation.Key] = operation.Kind switch
                {
                    OperationKind.Write => operation.Value,
                    OperationKind.CompareAndSet when seen[process] == operation.Expected => operation.Value,
                    _ => seen[process],
                };
                continue;
            }

            if (operation.Kind == OperationKind.CompareAndSet && seen[process] != operation.Expected)
            {
                history.NotDone(process);
            }
            else
            {
                history.Done(process, seen[process]);
            }

            underWay[process] = null;
        }

        return history;
    }

    /// <summary>Anything at all, right or wrong; few operations on one register.</summary>
    public static History Any(SplitMix64 chance, int operations, int values)
    {
        var history = new History();
        var key = history.Key("\"k\"");
        var processes = 1 + chance.Below(4);
        int Value() => history.Value(Text(chance.Below(values + 1)));
        for (var left = operations; left > 0;)
        {
            var process = chance.Below(processes);
            if (history.Open(process) is not { } open)
            {
                left--;
                history.Invoke(process, (OperationKind)chance.Below(3), key, Value(), Value());
                continue;
            }

            switch (chance.Below(8))
            {
                case 0 or 1:
                    history.Unknown(process);
                    break;
                case 2:
                    history.NotDone(process);
                    break;
                default:
                    history.Done(process, Value());
                    break;
            }
        }

        return history;
    }

    private static Operation Invoke(
        History history, SplitMix64 chance, Shape shape, int process, int[] keys, int[] states, ref int fresh)
    {
        var key = keys[chance.Below(keys.Length)];
        var value = history.Value(Text(shape.Values == 0 ? ++fresh : 1 + chance.Below(shape.Values)));
        return chance.Below(10) switch
        {
            < 5 => history.Invoke(process, OperationKind.Read, key),
            < 8 => history.Invoke(process, OperationKind.Write, key, value: value),
            _ => history.Invoke(process, OperationKind.CompareAndSet, key, states[key], value),
        };
    }

    private static string Text(int value) => value == 0 ? "null" : value.ToString(CultureInfo.InvariantCulture);
}
