using System.Collections.Immutable;
using System.Globalization;
using Akka.Configuration;

namespace Netabase.Actors.Settings;

/// <summary>Reads typed values below one path of a configuration, and names key and value when one is wrong.</summary>
internal readonly struct SettingsReader(Config config, string path)
{
    public SettingsReader Below(string key) => new(config, $"{path}.{key}");

    public string Text(string key)
    {
        var full = $"{path}.{key}";
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
            duration = config.GetTimeSpan($"{path}.{key}", allowInfinite: false);
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

    private IList<string> Elements(string key)
    {
        var full = $"{path}.{key}";
        return config.GetValue(full) is { } value && value.Values.Any(element => element.IsArray())
            ? config.GetStringList(full)
            : throw Wrong(key, config.GetString(full), "must be a list such as [\"one\", \"another\"]");
    }

    public SettingsException Wrong(string key, string value, string expected) => new($"{path}.{key}", value, expected);
}
