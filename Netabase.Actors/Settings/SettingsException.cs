namespace Netabase.Actors.Settings;

/// <summary>A setting that cannot be used. The message names the key, the value and what would be right.</summary>
public sealed class SettingsException : Exception
{
    /// <summary>A wrong setting.</summary>
    /// <param name="key">The full key, such as <c>netabase.stores.queue-max</c>.</param>
    /// <param name="value">The value as text.</param>
    /// <param name="expected">What would be right, as the end of a sentence.</param>
    public SettingsException(string key, string value, string expected)
        : base($"{key} = {value}: {expected}")
    {
        Key = key;
        Value = value;
    }

    /// <summary>The full key.</summary>
    public string Key { get; }

    /// <summary>The value as text.</summary>
    public string Value { get; }
}
