using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Multistream;

/// <summary>The protocols that are answered here: immutable, so that a negotiation under way sees one state of it.</summary>
public sealed class ProtocolTable
{
    /// <summary>Speaks nothing: every proposal is refused.</summary>
    public static readonly ProtocolTable Empty = new([]);

    private readonly FrozenDictionary<string, ProtocolId>.AlternateLookup<ReadOnlySpan<char>> _byName;

    /// <summary>Speaks these; a protocol named twice counts once.</summary>
    /// <exception cref="ArgumentException">A name cannot be sent.</exception>
    public ProtocolTable(IEnumerable<ProtocolId> protocols)
    {
        Protocols = [.. protocols.Distinct()];
        foreach (var protocol in Protocols) MultistreamMessage.LengthOf(protocol);
        _byName = Protocols.ToFrozenDictionary(protocol => protocol.Name, StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>All of them, in the order given.</summary>
    public ImmutableArray<ProtocolId> Protocols { get; }

    /// <summary>Finds the protocol that a message names, without allocating.</summary>
    internal bool TryMatch(ReadOnlySpan<byte> name, out ProtocolId protocol)
    {
        Span<char> text = stackalloc char[MultistreamMessage.MaxLength];
        var length = Encoding.UTF8.GetChars(name, text);
        return _byName.TryGetValue(text[..length], out protocol);
    }
}
