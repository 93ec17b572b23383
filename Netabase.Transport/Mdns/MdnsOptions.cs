namespace Netabase.Transport.Mdns;

/// <summary>How peers are looked for on the local network. The defaults are those of <c>@libp2p/mdns</c> where it has any.</summary>
public sealed record MdnsOptions
{
    /// <summary>Every libp2p node's service. An application that wants only its own peers takes another, such as <c>_myapp._udp.local</c>.</summary>
    public const string DefaultServiceName = "_p2p._udp.local";

    /// <summary>What is asked for and answered; only peers with the same one find each other.</summary>
    public string ServiceName { get; init; } = DefaultServiceName;

    /// <summary>UDP port of every packet; another than 5353 talks only to nodes with the same one.</summary>
    public int Port { get; init; } = 5353;

    /// <summary>How often is asked, once the quick first questions are over.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long what we say about ourselves holds.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest we believe what another says, whatever it says.</summary>
    public TimeSpan TimeToLiveMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often the network interfaces are looked at anew.</summary>
    public TimeSpan InterfaceCheck { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Peers kept at once; further ones are ignored until one expires.</summary>
    public int PeersMax { get; init; } = 1024;

    /// <summary>Addresses kept of one peer; a further one takes the place of the one that would expire first.</summary>
    public int AddressesPerPeerMax { get; init; } = 16;

    /// <summary>Events kept for a consumer that does not read; the oldest are dropped.</summary>
    public int EventsMax { get; init; } = 1024;

    /// <summary>Whether to speak IPv4.</summary>
    public bool UseIPv4 { get; init; } = true;

    /// <summary>Whether to speak IPv6.</summary>
    public bool UseIPv6 { get; init; } = true;

    /// <summary>Whether to answer, and thereby be found; asking goes on without.</summary>
    public bool Announce { get; init; } = true;

    /// <exception cref="ArgumentException">A value that cannot work; it names which.</exception>
    internal void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(ServiceName);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(Interval, TimeSpan.FromMilliseconds(100));
        ArgumentOutOfRangeException.ThrowIfLessThan(TimeToLive, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(TimeToLiveMax, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(InterfaceCheck, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(PeersMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(AddressesPerPeerMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(EventsMax);

        // Room for the peer name's label in front.
        if (DnsWriter.LengthOf(new DnsName(ServiceName)) > DnsName.MaxWireLength - DnsName.MaxLabel - 1)
            throw new ArgumentException($"The service name '{ServiceName}' is too long.", nameof(ServiceName));
        if (!UseIPv4 && !UseIPv6) throw new ArgumentException("mDNS over neither IPv4 nor IPv6.", nameof(UseIPv4));
    }
}
