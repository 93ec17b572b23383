using System.Collections.Immutable;

namespace Netabase.Linearizability;

/// <summary>What a check found.</summary>
public abstract record Verdict
{
    private Verdict()
    {
    }

    /// <summary>There is an order that explains everything.</summary>
    public sealed record Linearizable : Verdict;

    /// <summary>There is none.</summary>
    public sealed record NotLinearizable(Offence Offence) : Verdict;

    /// <summary>The budget was used up before either was known.</summary>
    public sealed record GaveUp(string Why) : Verdict;
}

/// <summary>The part of a history that no order explains.</summary>
/// <param name="Key">The register.</param>
/// <param name="Impossible">The operation that cannot have returned as it did.</param>
/// <param name="Part">
/// What is needed to see it: by itself not linearizable, and without any one of its operations no longer provably so.
/// Operations that return later than the impossible one are under way. All operations when there was no time to shorten.
/// </param>
/// <param name="States">What the register can have held when it returned, by all before it; empty when there was no time to find out.</param>
public sealed record Offence(int Key, Operation Impossible, ImmutableArray<Operation> Part, ImmutableArray<int> States);
