namespace Netabase;

/// <summary>A stretch of key bytes; an end that is null is open.</summary>
/// <param name="Lower">The lower end.</param>
/// <param name="LowerIncluded">Whether the lower end itself belongs to it.</param>
/// <param name="Upper">The upper end.</param>
/// <param name="UpperIncluded">Whether the upper end itself belongs to it.</param>
public readonly record struct KeyRange(Payload? Lower, bool LowerIncluded, Payload? Upper, bool UpperIncluded)
{
    /// <summary>Every key.</summary>
    public static KeyRange All => default;

    /// <summary>One key.</summary>
    public static KeyRange Exactly(Payload key) => new(key, true, key, true);

    /// <summary>Every key that begins with these bytes.</summary>
    public static KeyRange StartingWith(Payload prefix)
    {
        var end = prefix.Span.ToArray();
        for (var i = end.Length - 1; i >= 0; i--)
        {
            if (end[i] != byte.MaxValue)
            {
                end[i]++;
                return new(prefix, true, new Payload(end.AsMemory(0, i + 1)), false);
            }
        }

        return new(prefix, true, null, false);
    }
}

/// <summary>A question to a model's local records: by primary key or by one secondary key, ranged, paged, in either direction. Immutable.</summary>
/// <typeparam name="TModel">The model asked.</typeparam>
public sealed record ModelQuery<TModel>
    where TModel : class, IModel<TModel>
{
    /// <summary>Every record in primary-key order.</summary>
    public static ModelQuery<TModel> All { get; } = new();

    /// <summary>The secondary key asked, or null for the primary key.</summary>
    public int? Index { get; init; }

    /// <summary>Which keys.</summary>
    public KeyRange Range { get; init; }

    /// <summary>At most so many records, or null for all of them.</summary>
    public int? Limit { get; init; }

    /// <summary>Records passed over first.</summary>
    public int Offset { get; init; }

    /// <summary>From the last key to the first; records of equal secondary key turn around too.</summary>
    public bool IsDescending { get; init; }

    /// <summary>At most so many records.</summary>
    public ModelQuery<TModel> Take(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return this with { Limit = limit };
    }

    /// <summary>Passes over so many records first.</summary>
    public ModelQuery<TModel> Skip(int offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return this with { Offset = offset };
    }

    /// <summary>From the last key to the first.</summary>
    public ModelQuery<TModel> Descending() => this with { IsDescending = true };
}

/// <summary>Writes a value of a secondary key so that byte order is value order.</summary>
public delegate void KeyEncoder<in TValue>(TValue value, ref KeyWriter key);

/// <summary>A secondary key of a model, as generated in its <c>Indexes</c>: the door to typed queries.</summary>
/// <typeparam name="TModel">The model.</typeparam>
/// <typeparam name="TValue">The property's type, without its nullability.</typeparam>
/// <param name="number">The index.</param>
/// <param name="encode">How a value becomes key bytes.</param>
public sealed class SecondaryIndex<TModel, TValue>(int number, KeyEncoder<TValue> encode)
    where TModel : class, IModel<TModel>
{
    /// <summary>Every record whose value is not null, in value order.</summary>
    public ModelQuery<TModel> All => new() { Index = number };

    /// <summary>Records with exactly this value, in primary-key order.</summary>
    public ModelQuery<TModel> EqualTo(TValue value) => Over(KeyRange.Exactly(Encode(value)));

    /// <summary>Records from one value to another, both included.</summary>
    public ModelQuery<TModel> Between(TValue lowest, TValue highest) => Over(new(Encode(lowest), true, Encode(highest), true));

    /// <summary>Records with this value or a larger one.</summary>
    public ModelQuery<TModel> AtLeast(TValue value) => Over(new(Encode(value), true, null, false));

    /// <summary>Records with this value or a smaller one.</summary>
    public ModelQuery<TModel> AtMost(TValue value) => Over(new(null, false, Encode(value), true));

    /// <summary>Records with a larger value.</summary>
    public ModelQuery<TModel> GreaterThan(TValue value) => Over(new(Encode(value), false, null, false));

    /// <summary>Records with a smaller value.</summary>
    public ModelQuery<TModel> LessThan(TValue value) => Over(new(null, false, Encode(value), false));

    /// <summary>The key bytes of a value.</summary>
    public Payload Encode(TValue value)
    {
        var key = new KeyWriter(stackalloc byte[128]);
        try
        {
            encode(value, ref key);
            return Payload.Copy(key.Written);
        }
        finally
        {
            key.Dispose();
        }
    }

    internal ModelQuery<TModel> Over(KeyRange range) => new() { Index = number, Range = range };
}

/// <summary>Queries that only some types of keys have.</summary>
public static class SecondaryIndexQueries
{
    /// <summary>Records whose text begins with these characters, in text order.</summary>
    public static ModelQuery<TModel> StartsWith<TModel>(this SecondaryIndex<TModel, string> index, string prefix)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(index);
        return index.Over(KeyRange.StartingWith(index.Encode(prefix)));
    }
}
