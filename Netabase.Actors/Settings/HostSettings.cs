namespace Netabase.Actors.Settings;

/// <summary>What the host does around a node (<c>netabase.host</c>).</summary>
/// <param name="StartSwarm">Whether the swarm is started with the host.</param>
/// <param name="Control">The local control endpoint.</param>
public sealed record HostSettings(bool StartSwarm, ControlSettings Control)
{
    internal static HostSettings Create(SettingsReader all) => new(all.Switch("start-swarm"), ControlSettings.Create(all.Below("control")));
}

/// <summary>The local control endpoint (<c>netabase.host.control</c>).</summary>
/// <param name="Enabled">Whether there is one.</param>
/// <param name="ConnectionsMax">The most clients served at once.</param>
/// <param name="FrameMax">The most bytes of one frame.</param>
/// <param name="RequestTimeout">How long a request may take to arrive, and a frame to be taken.</param>
public sealed record ControlSettings(bool Enabled, int ConnectionsMax, int FrameMax, TimeSpan RequestTimeout)
{
    internal static ControlSettings Create(SettingsReader all) => new(
        all.Switch("enabled"),
        all.Count("connections-max", 1, 4096),
        all.Count("frame-max", 4096, 64 << 20),
        all.Duration("request-timeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)));
}
