using System.Collections.Immutable;
using System.Globalization;
using Akka.Configuration;

namespace Netabase.Actors.Settings;

/// <summary>Reads typed values below one path of a configuration, and names key and value when one is wrong.</summary>
/// <param name="config">The configuration.</param>
/// <param name="path">Below which.</param>
/// <param name="defaults">Where to look for what is not there; null for nowhere.</param>
internal readonly struct SettingsReader(Config config, string path, string? defaults = null)
{
    public SettingsReader Below(string key) => new(config, $"{path}.{key}", defaults is null ? null : $"{defaults}.{key}");

    /// <summary>One object of many that have names of their own.</summary>
    /// <param name="key">Its path below this one.</param>
    /// <param name="from">Where to look for what it does not name, below this one.</param>
    public SettingsReader Named(string key, string from) => new(config, $"{path}.{key}", $"{path}.{from}");

    /// <summary>The names of the objects below a key.</summary>
    public ImmutableArray<string> Names(string key)
    {
        // A merged configuration is a chain, each link with objects of its own.
        var names = new SortedSet<string>(StringComparer.Ordinal);
        for (var link = config; link is not null; link = link.Fallback)
        {
            if (UnknownKeys.Find(link.Root, $"{path}.{key}") is { } there)
            {
                names.UnionWith(there.IsObject() ? there.GetObject().Items.Keys : throw Wrong(key, there.GetString() ?? "(nothing)", "must be an object of objects"));
            }
        }

        return [.. names];
    }

    public string Text(string key)
    {
        var full = PathOf(key);
        return config.HasPath(full)
            ? config.GetString(full)
            : throw new SettingsException(full, "(nothing)", "is not set, and the reference configuration is missing");
    }

    public int Count(string key, int min, int max) => (int)Number(key, min, max);

    public long Number(string key, long min, long max)
    {
        var value = Text(key);
        return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw Wrong(key, value, $"must be a whole number from {min} to {max}");
    }

    public bool Flag(string key) => Text(key) switch
    {
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        var value => throw Wrong(key, value, "must be on or off"),
    };

    public TimeSpan Duration(string key, TimeSpan min, TimeSpan max)
    {
        var value = Text(key);
        TimeSpan duration;
        try
        {
            duration = config.GetTimeSpan(PathOf(key), allowInfinite: false);
        }
        catch (Exception failure) when (failure is FormatException or OverflowException or ConfigurationException)
        {
            throw Wrong(key, value, "must be a duration such as 500ms, 10s or 2m");
        }

        return duration >= min && duration <= max
            ? duration
            : throw Wrong(key, value, $"must be from {min} to {max}");
    }

    public bool Switch(string key)
    {
        var value = Text(key);
        return value switch
        {
            "on" or "true" or "yes" => true,
            "off" or "false" or "no" => false,
            _ => throw Wrong(key, value, "must be on or off"),
        };
    }

    /// <summary>A list, each element read by <paramref name="read"/>, which answers null for one that cannot be read.</summary>
    public ImmutableArray<T> List<T>(string key, Func<string, T?> read, string expected)
        where T : struct
    {
        var elements = Elements(key);
        var all = ImmutableArray.CreateBuilder<T>(elements.Count);
        foreach (var element in elements)
        {
            all.Add(read(element) ?? throw Wrong(key, element, expected));
        }

        return all.MoveToImmutable();
    }

    /// <summary>A list, as <see cref="List"/>, of references.</summary>
    public ImmutableArray<T> Objects<T>(string key, Func<string, T?> read, string expected)
        where T : class
    {
        var all = ImmutableArray.CreateBuilder<T>();
        foreach (var element in Elements(key))
        {
            all.Add(read(element) ?? throw Wrong(key, element, expected));
        }

        return all.ToImmutable();
    }

    private string PathOf(string key)
    {
        var full = $"{path}.{key}";
        return defaults is null || config.HasPath(full) ? full : $"{defaults}.{key}";
    }

    private IList<string> Elements(string key)
    {
        var full = PathOf(key);
        return config.GetValue(full) is { } value && value.Values.Any(element => element.IsArray())
            ? config.GetStringList(full)
            : throw Wrong(key, config.GetString(full), "must be a list such as [\"one\", \"another\"]");
    }

    public SettingsException Wrong(string key, string value, string expected) => new($"{path}.{key}", value, expected);
}
