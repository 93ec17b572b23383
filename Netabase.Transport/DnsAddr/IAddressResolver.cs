using Netabase.Multiformats;

namespace Netabase.Transport.DnsAddr;

/// <summary>Turns an address that names others (<c>/dnsaddr</c>) into addresses that can be dialed.</summary>
public interface IAddressResolver
{
    /// <summary>
    /// The addresses an address stands for: itself, unless it starts with <c>/dnsaddr</c>; then all that its name leads to, without
    /// doubles, and only those that lead to its peer when it has one. Empty when the name leads nowhere.
    /// </summary>
    /// <exception cref="TransportException">No answer within the deadline (<see cref="TransportError.TimedOut"/>) or at all (<see cref="TransportError.Unreachable"/>).</exception>
    ValueTask<IReadOnlyList<Multiaddr>> ResolveAsync(Multiaddr address, CancellationToken cancellation);
}

/// <summary>Asks for the TXT records of a name.</summary>
public interface ITextLookup
{
    /// <summary>The records' texts, in any order, each with its strings joined; empty when the name has none.</summary>
    /// <exception cref="TransportException">The name servers do not answer (<see cref="TransportError.Unreachable"/>).</exception>
    ValueTask<IReadOnlyList<string>> FindAsync(string name, CancellationToken cancellation);
}

/// <summary>How far a resolution may go.</summary>
public sealed record ResolverBounds
{
    /// <summary>Names behind names.</summary>
    public int DepthMax { get; init; } = 32;

    /// <summary>Questions for one resolution, over all depths.</summary>
    public int QuestionsMax { get; init; } = 64;

    /// <summary>Addresses in the result; further ones are left out.</summary>
    public int ResultsMax { get; init; } = 100;

    /// <summary>For the whole resolution.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);
}
