namespace Netabase.Transport.Identify;

/// <summary>What Identify tells, and how much it believes.</summary>
public sealed record IdentifySettings
{
    /// <summary>Our protocol family and its version, for orientation only.</summary>
    public string ProtocolVersion { get; init; } = "netabase/0.1.0";

    /// <summary>Our software and its version.</summary>
    public string AgentVersion { get; init; } = "netabase/0.1.0";

    /// <summary>One exchange, one push.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Protocols believed of one peer; more is a refusal of the message.</summary>
    public int MaxProtocols { get; init; } = 1024;

    /// <summary>Addresses believed of one peer; more is a refusal of the message.</summary>
    public int MaxAddresses { get; init; } = 500;

    /// <summary>Pushes under way at once.</summary>
    public int ParallelPushes { get; init; } = 32;

    /// <summary>How many distinct observers make an address of ours confirmed.</summary>
    public int Observers { get; init; } = 4;

    /// <summary>How long an observation counts.</summary>
    public TimeSpan ObservationLifetime { get; init; } = TimeSpan.FromMinutes(30);
}
