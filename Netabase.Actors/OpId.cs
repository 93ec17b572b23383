namespace Netabase.Actors;

/// <summary>The name of one command within one run of a node; its answer repeats it, so that a late answer is known as such.</summary>
/// <param name="Value">Counts up from 1.</param>
public readonly record struct OpId(long Value)
{
    private static long _last;

    /// <summary>A name not given before in this process.</summary>
    public static OpId Next() => new(Interlocked.Increment(ref _last));
}
