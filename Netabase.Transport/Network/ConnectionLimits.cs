namespace Netabase.Transport.Network;

/// <summary>
/// How many connections there may be. A connection counts from its first byte until everything of it is gone; what is
/// beyond a limit is refused before it costs a handshake, wherever that can be known before.
/// </summary>
public sealed record ConnectionLimits
{
    /// <summary>Open connections, both directions, handshakes included.</summary>
    public int Total { get; init; } = 512;

    /// <summary>Open connections that peers opened, handshakes included.</summary>
    public int Inbound { get; init; } = 384;

    /// <summary>Open connections that we opened.</summary>
    public int Outbound { get; init; } = 384;

    /// <summary>Inbound handshakes under way.</summary>
    public int PendingInbound { get; init; } = 64;

    /// <summary>Inbound connections whose peer has not been identified yet.</summary>
    public int UnidentifiedInbound { get; init; } = 64;

    /// <summary>Open connections to one peer, both directions.</summary>
    public int PerPeer { get; init; } = 8;

    /// <summary>Inbound connections from one IPv4 address or one IPv6 /56; loopback is exempt.</summary>
    public int PerIp { get; init; } = 8;

    /// <summary>Inbound streams of one connection whose protocol is being agreed on; more of them wait.</summary>
    public int PendingStreamsPerConnection { get; init; } = 64;

    /// <summary>Whether connections from this machine are exempt from <see cref="PerIp"/>.</summary>
    public bool ExemptLoopback { get; init; } = true;
}

/// <summary>When and down to where connections are closed because there are too many.</summary>
public sealed record TrimSettings
{
    /// <summary>Above so many connections, trimming starts.</summary>
    public int HighWater { get; init; } = 192;

    /// <summary>Trimming ends at so many.</summary>
    public int LowWater { get; init; } = 160;

    /// <summary>Younger connections are left alone.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>How peers are dialed.</summary>
public sealed record DialSettings
{
    /// <summary>One attempt, from the first packet to a connection that carries streams.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>One attempt at an address of this machine or of a private network.</summary>
    public TimeSpan LocalAttemptTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an address may stay silent until the next one is tried beside it.</summary>
    public TimeSpan Stagger { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Attempts under way at once, over all peers.</summary>
    public int Parallel { get; init; } = 160;

    /// <summary>Attempts under way at once for one peer.</summary>
    public int ParallelPerPeer { get; init; } = 8;

    /// <summary>Addresses tried for one peer; the best ranked ones.</summary>
    public int AddressesPerPeer { get; init; } = 25;

    /// <summary>Peers being dialed or waiting for it; more is <see cref="TransportError.LimitReached"/>.</summary>
    public int Queue { get; init; } = 500;

    /// <summary>Pause after the first failure of an address.</summary>
    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Times the square of the failures so far, added to the base.</summary>
    public TimeSpan BackoffStep { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromMinutes(5);
}
