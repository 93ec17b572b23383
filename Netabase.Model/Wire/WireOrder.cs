namespace Netabase;

/// <summary>The order in which generated code writes the entries of a dictionary, so that equal dictionaries are equal bytes.</summary>
public static class WireOrder
{
    /// <summary>The entries by ascending key: text by code point (the order of its UTF-8), everything else as it compares.</summary>
    public static KeyValuePair<TKey, TValue>[] Sort<TKey, TValue>(IReadOnlyDictionary<TKey, TValue> entries)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(entries);
        var sorted = entries.ToArray();
        Array.Sort(sorted, Order<TKey, TValue>.ByKey);
        return sorted;
    }

    /// <summary>
    /// UTF-16 code units compare as code points do, but for surrogates (U+D800 to U+DFFF), which stand for code points above
    /// U+E000 to U+FFFF.
    /// </summary>
    internal static int CompareCodePoints(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        var (a, b) = (left[common], right[common]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a.CompareTo(b)
            : char.IsSurrogate(a) ? (b >= '\uE000' ? 1 : a.CompareTo(b))
            : a >= '\uE000' ? -1 : a.CompareTo(b);
    }

    private static class Order<TKey, TValue>
    {
        private static readonly Comparer<TKey> Keys = typeof(TKey) == typeof(string)
            ? (Comparer<TKey>)(object)Comparer<string>.Create(CompareCodePoints)
            : Comparer<TKey>.Default;

        public static readonly Comparer<KeyValuePair<TKey, TValue>> ByKey =
            Comparer<KeyValuePair<TKey, TValue>>.Create((left, right) => Keys.Compare(left.Key, right.Key));
    }
}
