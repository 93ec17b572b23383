using Netabase.Persistence;

namespace Netabase.Actors.Settings;

/// <summary>The section of a plugged store, for its plug to read.</summary>
internal sealed class StoreSection(SettingsReader section) : IStoreSection
{
    public long Number(string key, long min, long max) => section.Number(key, min, max);

    public TimeSpan Duration(string key, TimeSpan min, TimeSpan max) => section.Duration(key, min, max);

    public bool Flag(string key) => section.Flag(key);
}
