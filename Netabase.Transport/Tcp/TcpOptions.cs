namespace Netabase.Transport.Tcp;

/// <summary>How TCP sockets are set up. Nagle's algorithm is always off: the muxer gathers what belongs together.</summary>
public sealed record TcpOptions
{
    /// <summary>Connections the operating system may hold that we have not accepted yet.</summary>
    public int Backlog { get; init; } = 512;

    /// <summary>Whether listening on an unspecified IPv6 address accepts IPv4 as well; off, so that both can share a port number.</summary>
    public bool DualStack { get; init; }

    /// <summary>How many addresses of one DNS name are tried.</summary>
    public int MaxAddressesPerName { get; init; } = 8;

    /// <summary>How long an address of a name may take before the next one is tried; the last one has the caller's whole deadline.</summary>
    public TimeSpan AddressPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock of <see cref="AddressPatience"/> and of the pause when the process runs out of sockets.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
