using System.Collections.Immutable;
using System.Globalization;
using Netabase.Multiformats;

namespace Netabase.Transport.Network;

/// <summary>Why one address could not be used.</summary>
/// <param name="Address">The address.</param>
/// <param name="Error">The kind of failure.</param>
/// <param name="Message">A sentence that names what was wrong.</param>
public sealed record DialFailure(Multiaddr Address, TransportError Error, string Message);

/// <summary>A dial that reached nobody, with what every address met.</summary>
public sealed class DialException : TransportException
{
    /// <summary>A dial that was refused before any address was tried, or whose addresses all failed.</summary>
    public DialException(TransportError error, string message, ImmutableArray<DialFailure> failures = default, Exception? inner = null)
        : base(error, message, inner) => Failures = failures.IsDefault ? [] : failures;

    /// <summary>What each address met, in the order of the attempts; empty when none was tried.</summary>
    public ImmutableArray<DialFailure> Failures { get; }

    /// <summary>When the back-off of the peer ends, if that is why no address was tried.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    internal static DialException AllFailed(PeerId? peer, ImmutableArray<DialFailure> failures)
    {
        var decisive = failures.FirstOrDefault(failure => failure.Error == TransportError.IdentityMismatch) ?? failures[^1];
        var whom = peer is { } known ? known.ToString() : "the address";
        var message = string.Create(
            CultureInfo.InvariantCulture, $"None of {failures.Length} addresses of {whom} could be used: {decisive.Message}");
        return new DialException(decisive.Error, message, failures);
    }
}
