using System.Collections.Immutable;

namespace Netabase.Transport.Mdns;

/// <summary>A domain name in its text form, without the dot at the end; dots and backslashes inside a label are escaped. Case does not count.</summary>
/// <param name="Text">For example <c>_p2p._udp.local</c>; empty for the root.</param>
internal readonly record struct DnsName(string Text)
{
    /// <summary>The longest name on the wire, in bytes, and the longest label.</summary>
    internal const int MaxWireLength = 255;

    /// <summary>The longest label, in bytes.</summary>
    internal const int MaxLabel = 63;

    /// <summary>A name below this one; its label must have no dot.</summary>
    public DnsName Below(string label) => new($"{label}.{Text}");

    /// <summary>Whether this name is below another.</summary>
    public bool IsBelow(DnsName other) =>
        Text.Length > other.Text.Length + 1
        && Text.EndsWith(other.Text, StringComparison.OrdinalIgnoreCase)
        && Text[^(other.Text.Length + 1)] == '.';

    /// <inheritdoc/>
    public bool Equals(DnsName other) => string.Equals(Text, other.Text, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Text);

    /// <summary>The text form.</summary>
    public override string ToString() => Text;
}

/// <summary>The record types of which the codec knows the content, and the one that asks for all.</summary>
internal enum DnsType
{
    /// <summary>Points to a name.</summary>
    Ptr = 12,

    /// <summary>Strings of at most 255 bytes each.</summary>
    Txt = 16,

    /// <summary>Only in questions: any type.</summary>
    Any = 255,
}

/// <summary>What a message asks. Only the Internet class is kept.</summary>
/// <param name="Name">About which name.</param>
/// <param name="Type">Which records; a number we have no word for is kept as it is.</param>
/// <param name="UnicastWanted">mDNS: the asker would rather be answered directly (RFC 6762, 5.4).</param>
internal sealed record DnsQuestion(DnsName Name, DnsType Type, bool UnicastWanted = false);

/// <summary>What a message says. Only the Internet class is kept.</summary>
internal abstract record DnsRecord
{
    private DnsRecord(DnsName name, uint timeToLive) => (Name, TimeToLive) = (name, timeToLive);

    /// <summary>About which name.</summary>
    public DnsName Name { get; init; }

    /// <summary>Seconds; 0 is a goodbye (RFC 6762, 10.1).</summary>
    public uint TimeToLive { get; init; }

    /// <summary>A pointer to another name.</summary>
    public sealed record Ptr(DnsName Name, uint TimeToLive, DnsName Target) : DnsRecord(Name, TimeToLive);

    /// <summary>Strings of at most 255 bytes each.</summary>
    public sealed record Txt(DnsName Name, uint TimeToLive, ImmutableArray<Payload> Strings) : DnsRecord(Name, TimeToLive);

    /// <summary>Another type, whose content is not read.</summary>
    public sealed record Other(DnsName Name, uint TimeToLive, DnsType Type) : DnsRecord(Name, TimeToLive);
}

/// <summary>A DNS message (RFC 1035, 4), as far as multicast DNS needs it.</summary>
/// <param name="Id">Repeated in the answer to a legacy asker; 0 in multicast.</param>
/// <param name="IsResponse">An answer, else a question.</param>
/// <param name="Questions">What is asked.</param>
/// <param name="Answers">What is answered.</param>
/// <param name="Additional">What the asker will want to know next; the authority section is read and not kept.</param>
internal sealed record DnsMessage(
    ushort Id,
    bool IsResponse,
    ImmutableArray<DnsQuestion> Questions,
    ImmutableArray<DnsRecord> Answers,
    ImmutableArray<DnsRecord> Additional)
{
    /// <summary>The longest message we read, in bytes (RFC 6762, 17).</summary>
    public const int MaxLength = 9000;

    /// <summary>The most entries of one section we read.</summary>
    public const int MaxEntries = 64;

    /// <summary>Reads one whole message, or says false; nothing may stand behind it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out DnsMessage message) => DnsReader.TryRead(bytes, out message);

    /// <summary>The message on the wire, names uncompressed.</summary>
    /// <exception cref="ArgumentException">A name or a string that DNS cannot hold, or more than <see cref="MaxLength"/> bytes.</exception>
    public byte[] ToBytes() => DnsWriter.Write(this);
}
