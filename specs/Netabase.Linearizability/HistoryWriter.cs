using System.Globalization;

namespace Netabase.Linearizability;

/// <summary>Writes what <see cref="HistoryReader"/> reads.</summary>
public static class HistoryWriter
{
    /// <summary>A history that holds these operations only, up to a place in it: what returned later is still under way.</summary>
    public static void Write(TextWriter to, History history, IEnumerable<Operation> operations, int until = Operation.Never)
    {
        var lines = new List<(int Time, string Line)>();
        foreach (var operation in operations)
        {
            if (operation.Invoked <= until)
            {
                lines.Add((operation.Invoked, Line(history, operation, "invoke")));
            }

            if (operation.Ended != Operation.Never && operation.Ended <= until)
            {
                lines.Add((operation.Ended, Line(history, operation, operation.Fate switch { Fate.Done => "ok", Fate.NotDone => "fail", _ => "info" })));
            }
        }

        lines.Sort(static (one, other) => one.Time.CompareTo(other.Time));
        foreach (var (_, line) in lines)
        {
            to.WriteLine(line);
        }
    }

    private static string Line(History history, Operation operation, string type)
    {
        var (name, value) = operation.Kind switch
        {
            OperationKind.Read => ("read", type == "ok" ? history.ValueText(operation.Value) : "null"),
            OperationKind.Write => ("write", history.ValueText(operation.Value)),
            _ => ("cas", $"[{history.ValueText(operation.Expected)},{history.ValueText(operation.Value)}]"),
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"process":{{operation.Process}},"type":"{{type}}","f":"{{name}}","key":{{history.KeyText(operation.Key)}},"value":{{value}}}""");
    }
}
