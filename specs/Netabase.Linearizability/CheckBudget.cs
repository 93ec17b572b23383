using System.Diagnostics;

namespace Netabase.Linearizability;

/// <summary>How long a check may take.</summary>
/// <param name="Time">For the whole history, the search for its shortest offending part included.</param>
/// <param name="ConfigurationsMax">Configurations remembered at once; 100 to 200 bytes each.</param>
public sealed record CheckBudget(TimeSpan Time, int ConfigurationsMax)
{
    /// <summary>A minute, and under a gigabyte.</summary>
    public static CheckBudget Usual { get; } = new(TimeSpan.FromMinutes(1), 4_000_000);
}

/// <summary>What is left of a budget.</summary>
internal sealed class Spending(CheckBudget budget)
{
    private const int StepsBetweenLooks = 1024;

    private readonly long _end = Stopwatch.GetTimestamp() + (long)(budget.Time.TotalSeconds * Stopwatch.Frequency);
    private int _steps;

    /// <summary>A step of the search, which remembers so many configurations.</summary>
    public void Step(int configurations)
    {
        if (configurations > budget.ConfigurationsMax)
        {
            throw new OverBudgetException($"more than {budget.ConfigurationsMax} configurations at once");
        }

        if (++_steps % StepsBetweenLooks == 0 && IsOver)
        {
            throw new OverBudgetException($"more than {budget.Time.TotalSeconds} s");
        }
    }

    public bool IsOver => Stopwatch.GetTimestamp() > _end;
}

/// <summary>Ends a search that nobody can wait for; never leaves the checker.</summary>
internal sealed class OverBudgetException(string what) : Exception(what);
