namespace Netabase.Linearizability;

/// <summary>
/// One way in which what has returned so far can have happened, up to what the rest of the history can tell apart.
/// </summary>
/// <param name="State">What the register holds.</param>
/// <param name="Done">Operations under way that have taken effect.</param>
/// <param name="Free">
/// Writes under way that can have taken effect unseen, right before another write: they may return as if they had, and may
/// as well still take effect. One set instead of a configuration for each of its subsets.
/// </param>
/// <param name="Used">Classes of unknown operations that were needed, sorted, one entry each time.</param>
internal readonly record struct Configuration(int State, Slots Done, Slots Free, int[] Used)
{
    public static Configuration Start { get; } = new(History.Nothing, default, default, []);

    public int TimesUsed(int maybe)
    {
        var count = 0;
        foreach (var used in Used)
        {
            count += used == maybe ? 1 : 0;
        }

        return count;
    }

    public int[] UsedAnd(int maybe)
    {
        var used = new int[Used.Length + 1];
        var at = 0;
        while (at < Used.Length && Used[at] <= maybe)
        {
            used[at] = Used[at];
            at++;
        }

        used[at] = maybe;
        Array.Copy(Used, at, used, at + 1, Used.Length - at);
        return used;
    }
}

/// <summary>
/// Configurations, none of which is made needless by another: with the same state, done and free, the one that used fewer
/// unknown operations can do all that the other can.
/// </summary>
internal sealed class Configurations
{
    private readonly Dictionary<(int State, Slots Done, Slots Free), List<int[]>> _used = [];

    public int Count { get; private set; }

    public bool Add(Configuration added)
    {
        var key = (added.State, added.Done, added.Free);
        if (!_used.TryGetValue(key, out var all))
        {
            all = [];
            _used.Add(key, all);
        }

        foreach (var used in all)
        {
            if (IsPart(used, added.Used))
            {
                return false;
            }
        }

        Count -= all.RemoveAll(used => IsPart(added.Used, used)) - 1;
        all.Add(added.Used);
        return true;
    }

    public void Clear()
    {
        _used.Clear();
        Count = 0;
    }

    public IEnumerable<Configuration> All() =>
        _used.SelectMany(pair => pair.Value, (pair, used) => new Configuration(pair.Key.State, pair.Key.Done, pair.Key.Free, used));

    private static bool IsPart(int[] part, int[] whole)
    {
        var at = 0;
        foreach (var entry in part)
        {
            while (at < whole.Length && whole[at] < entry)
            {
                at++;
            }

            if (at == whole.Length || whole[at] != entry)
            {
                return false;
            }

            at++;
        }

        return true;
    }
}
