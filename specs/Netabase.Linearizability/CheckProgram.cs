using System.Globalization;

namespace Netabase.Linearizability;

/// <summary>The program: reads a history from a file, or from its input, and says whether it is linearizable.</summary>
public static class CheckProgram
{
    public const int IsLinearizable = 0;
    public const int IsNot = 1;
    public const int IsMalformed = 2;
    public const int GaveUp = 3;

    private const string Usage = """
        usage: Netabase.Linearizability [--seconds N] [FILE]

        Reads a history as JSON lines in real-time order, from FILE or standard input:
          {"process":1,"type":"invoke|ok|fail|info","f":"read|write|cas","key":"k","value":v}
        info: it may take effect at any later time, or never. fail: it did not happen. The value of a cas is [expected, new].

        Ends with 0: linearizable; 1: not, and the shortest offending part is printed, a history of its own;
        2: not a history; 3: gave up after N seconds (60) or at 4,000,000 configurations.
        """;

    public static int Run(string[] arguments, TextReader input, TextWriter output, TextWriter errors)
    {
        var budget = CheckBudget.Usual;
        string? file = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--seconds" && i + 1 < arguments.Length
                && double.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
            {
                budget = budget with { Time = TimeSpan.FromSeconds(seconds) };
                i++;
            }
            else if (arguments[i].StartsWith('-') || file is not null)
            {
                errors.WriteLine(Usage);
                return IsMalformed;
            }
            else
            {
                file = arguments[i];
            }
        }

        try
        {
            using var opened = file is null ? null : new StreamReader(file);
            var history = HistoryReader.Read(opened ?? input);
            return Report(history, LinearizabilityCheck.Judge(history, budget), output);
        }
        catch (Exception problem) when (problem is MalformedHistoryException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine(problem.Message);
            return IsMalformed;
        }
    }

    private static int Report(History history, Verdict verdict, TextWriter output)
    {
        switch (verdict)
        {
            case Verdict.NotLinearizable(var offence):
                Describe(history, offence, output);
                return IsNot;
            case Verdict.GaveUp(var why):
                output.WriteLine($"gave up: {why}");
                return GaveUp;
            default:
                output.WriteLine($"linearizable: {history.Operations.Count} operations on {history.Keys} keys");
                return IsLinearizable;
        }
    }

    /// <summary>The report of an offence; all lines that begin with a brace are a history again.</summary>
    public static void Describe(History history, Offence offence, TextWriter output)
    {
        var states = string.Join(", ", offence.States.Take(10).Select(history.ValueText));
        output.WriteLine(
            $"not linearizable: key {history.KeyText(offence.Key)}: the {offence.Impossible.Kind} by process {offence.Impossible.Process} cannot have returned so");
        output.WriteLine(offence.States.IsEmpty
            ? "there was no time to find the part that shows it"
            : $"by all before it the register could hold {states}{(offence.States.Length > 10 ? ", ..." : string.Empty)} then");
        HistoryWriter.Write(output, history, offence.Part, offence.States.IsEmpty ? Operation.Never : offence.Impossible.Returned);
    }
}
