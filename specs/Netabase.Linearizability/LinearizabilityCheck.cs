namespace Netabase.Linearizability;

/// <summary>
/// Judges a history of registers. Each key is judged alone: linearizability is local (Herlihy and Wing 1990, theorem 1).
/// </summary>
public static class LinearizabilityCheck
{
    // Most histories that are good are found to be so by following few configurations.
    private static readonly int[] Widths = [64, 2048, RegisterCheck.Unlimited];

    public static Verdict Judge(History history, CheckBudget budget)
    {
        var spending = new Spending(budget);
        var byKey = new List<Operation>[history.Keys];
        foreach (var operation in history.Operations)
        {
            (byKey[operation.Key] ??= []).Add(operation);
        }

        Offence? shortest = null;
        string? gaveUp = null;
        foreach (var operations in byKey)
        {
            try
            {
                var offence = operations is null ? null : Find(operations, spending);
                if (offence is not null && (shortest is null || offence.Part.Length < shortest.Part.Length))
                {
                    shortest = offence;
                }
            }
            catch (OverBudgetException why)
            {
                gaveUp ??= $"key {history.KeyText(operations![0].Key)}: {why.Message}";
            }
        }

        return (shortest, gaveUp) switch
        {
            ({ } offence, _) => new Verdict.NotLinearizable(offence),
            (null, { } why) => new Verdict.GaveUp(why),
            _ => new Verdict.Linearizable(),
        };
    }

    private static Offence? Find(List<Operation> operations, Spending spending)
    {
        foreach (var width in Widths)
        {
            var check = new RegisterCheck(operations, spending, width, looksAhead: true);
            if (check.FirstImpossible() is not { } impossible)
            {
                return null;
            }

            if (check.IsExhaustive)
            {
                return Explain(operations, impossible, spending);
            }
        }

        throw new InvalidOperationException("the widest search is exhaustive");
    }

    // The first return that no configuration allows, found without a look ahead, ends the shortest prefix that is wrong.
    private static Offence Explain(List<Operation> operations, Operation impossible, Spending spending)
    {
        try
        {
            var check = new RegisterCheck(operations, spending);
            impossible = check.FirstImpossible() ?? throw new InvalidOperationException("what was wrong looking ahead is right");
            var part = operations
                .Where(operation => operation.Invoked < impossible.Returned && operation.Fate != Fate.NotDone
                    && operation is not { Kind: OperationKind.Read, Fate: Fate.Unknown })
                .ToList();
            return new Offence(impossible.Key, impossible, [.. Shorten(part, impossible, spending)], [.. check.States]);
        }
        catch (OverBudgetException)
        {
            return new Offence(impossible.Key, impossible, [.. operations], []);
        }
    }

    // An operation may be left out only where a linearizable history would stay one without it: a read always, a write or a
    // compare-and-set when nobody who is left can have seen its value. So what stays is wrong by itself, and not because of a gap.
    private static List<Operation> Shorten(List<Operation> part, Operation impossible, Spending spending)
    {
        try
        {
            int before;
            do
            {
                before = part.Count;
                for (var length = Math.Max(1, part.Count / 2); ; length /= 2)
                {
                    part = WithoutPieces(part, length, operation => operation.Kind == OperationKind.Read, impossible, spending);
                    part = WithoutPieces(part, length, _ => true, impossible, spending);
                    if (length == 1)
                    {
                        break;
                    }
                }
            }
            while (part.Count < before);
        }
        catch (OverBudgetException)
        {
            // Longer than it had to be, and as wrong.
        }

        return part;
    }

    private static List<Operation> WithoutPieces(
        List<Operation> part, int length, Func<Operation, bool> mayGo, Operation impossible, Spending spending)
    {
        for (var end = part.Count; end > 0; end -= length)
        {
            var start = Math.Max(0, end - length);
            var left = new List<Operation>(part.Count);
            for (var i = 0; i < part.Count; i++)
            {
                if (i < start || i >= end || part[i] == impossible || !mayGo(part[i]))
                {
                    left.Add(part[i]);
                }
            }

            if (left.Count < part.Count && part.Skip(start).Take(end - start).All(gone => !IsMissed(gone, left))
                && new RegisterCheck(left, spending).FirstImpossible(impossible.Returned) is not null)
            {
                part = left;
            }
        }

        return part;
    }

    private static bool IsMissed(Operation gone, List<Operation> left) =>
        gone.Kind != OperationKind.Read && !left.Contains(gone)
        && left.Exists(seer => seer.Observes(gone.Value) && !left.Exists(later => IsBetween(gone, later, seer)));

    // What was surely overwritten before the seer began is not what it saw.
    private static bool IsBetween(Operation gone, Operation later, Operation seer) =>
        later.Kind != OperationKind.Read && later.Fate == Fate.Done && gone.Returned < later.Invoked && later.Returned < seer.Invoked;
}
