using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Netabase.Transport.Upgrade;

/// <summary>The bounds of an upgrade.</summary>
public sealed record UpgradeOptions
{
    /// <summary>All handshakes of a connection together, dialing not included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Whether a dialer proposes its first security protocol alone and lets the handshake's first message ride behind, which saves a
    /// round trip. A peer that refuses it is dialed once more, with all protocols proposed one after the other.
    /// </summary>
    public bool Optimistic { get; init; } = true;

    /// <summary>The clock of <see cref="Timeout"/>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told, at the debug level, how every upgrade ended.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;
}
