namespace Netabase.Linearizability.Specs;

/// <summary>The definition, word for word: every order that respects real time is tried, with every choice of the unknown. For few operations.</summary>
internal static class NaiveCheck
{
    public static bool IsLinearizable(History history) => Search(
        [.. history.Operations.Where(operation => operation.Fate != Fate.NotDone)], History.Nothing);

    private static bool Search(List<Operation> left, int state)
    {
        if (left.TrueForAll(operation => operation.Fate == Fate.Unknown))
        {
            return true;
        }

        var firstReturn = left.Min(operation => operation.Returned);
        for (var i = 0; i < left.Count; i++)
        {
            var operation = left[i];
            if (operation.Invoked > firstReturn)
            {
                continue;
            }

            var isPossible = operation.Kind switch
            {
                OperationKind.Read => operation.Fate == Fate.Unknown || operation.Value == state,
                OperationKind.Write => true,
                _ => operation.Expected == state,
            };
            left.RemoveAt(i);
            var isFound = (isPossible && Search(left, operation.Kind == OperationKind.Read ? state : operation.Value))
                || (operation.Fate == Fate.Unknown && Search(left, state));
            left.Insert(i, operation);
            if (isFound)
            {
                return true;
            }
        }

        return false;
    }
}
