using System.Text;
using System.Text.Unicode;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Multistream;

/// <summary>
/// One message of multistream-select 1.0: a varint length that counts the closing line feed, UTF-8 text, a line feed
/// (multiformats/multistream-select).
/// </summary>
public static class MultistreamMessage
{
    /// <summary>The greatest length a message may announce, line feed included; go and js refuse more, too.</summary>
    public const int MaxLength = 1024;

    /// <summary>The most bytes a whole message takes: <see cref="MaxLength"/> and a length of two bytes.</summary>
    public const int MaxEncodedLength = MaxLength + 2;

    private const byte LineFeed = (byte)'\n';

    /// <summary>What both sides say first.</summary>
    public static ReadOnlySpan<byte> Header => "\u0013/multistream/1.0.0\n"u8;

    /// <summary>The answer to a protocol that is not spoken here.</summary>
    public static ReadOnlySpan<byte> NotAvailable => "\u0003na\n"u8;

    /// <summary>The text of <see cref="Header"/>, without length and line feed.</summary>
    internal static ReadOnlySpan<byte> HeaderText => Header[1..^1];

    /// <summary>The text of <see cref="NotAvailable"/>.</summary>
    internal static ReadOnlySpan<byte> NotAvailableText => NotAvailable[1..^1];

    /// <summary>How many bytes the message that names a protocol takes.</summary>
    /// <exception cref="ArgumentException">The name is empty, longer than a message may be, or contains a line feed.</exception>
    public static int LengthOf(ProtocolId protocol)
    {
        var text = TextLength(protocol);
        return UVarint.LengthOf((ulong)(text + 1)) + text + 1;
    }

    /// <summary>Writes the message that names a protocol and returns its length.</summary>
    public static int Write(ProtocolId protocol, Span<byte> destination)
    {
        var text = TextLength(protocol);
        var at = UVarint.Write(destination, (ulong)(text + 1));
        at += Encoding.UTF8.GetBytes(protocol.Name, destination[at..]);
        destination[at] = LineFeed;
        return at + 1;
    }

    /// <summary>Whether a message's text names this protocol.</summary>
    internal static bool Names(ReadOnlySpan<byte> text, ProtocolId protocol)
    {
        if (Encoding.UTF8.GetByteCount(protocol.Name) != text.Length) return false;
        Span<byte> name = stackalloc byte[MaxLength];
        return name[..Encoding.UTF8.GetBytes(protocol.Name, name)].SequenceEqual(text);
    }

    /// <summary>Reads the first message of the bytes.</summary>
    /// <param name="received">Bytes received and not yet consumed.</param>
    /// <param name="text">The message without its length and line feed.</param>
    /// <param name="encodedLength">Bytes the whole message takes; told as soon as its length is complete, else 0.</param>
    /// <returns>False while the message is not complete.</returns>
    /// <exception cref="TransportException">
    /// The length is zero, above <see cref="MaxLength"/> or not minimal, the message lacks its line feed or is no UTF-8.
    /// </exception>
    public static bool TryRead(ReadOnlySpan<byte> received, out ReadOnlySpan<byte> text, out int encodedLength)
    {
        text = default;
        encodedLength = 0;
        switch (UVarint.TryRead(received, out var length, out var prefix))
        {
            case UVarintStatus.Incomplete when received.Length < 2 || received[1] < 0x80:
                return false;
            case UVarintStatus.Ok when length is > 0 and <= MaxLength:
                break;
            default:
                throw Violation("a message length that is zero, not minimal or above 1,024 bytes");
        }

        encodedLength = prefix + (int)length;
        if (received.Length < encodedLength) return false;
        if (received[encodedLength - 1] != LineFeed) throw Violation("a message without its line feed");

        text = received[prefix..(encodedLength - 1)];
        if (!Utf8.IsValid(text)) throw Violation("a message that is not UTF-8");
        return true;
    }

    internal static TransportException Violation(string what) =>
        new(TransportError.ProtocolViolation, $"multistream-select: the peer sent {what}.");

    private static int TextLength(ProtocolId protocol)
    {
        var length = string.IsNullOrEmpty(protocol.Name) ? 0 : Encoding.UTF8.GetByteCount(protocol.Name);
        if (length is 0 or >= MaxLength || protocol.Name.Contains('\n', StringComparison.Ordinal))
            throw new ArgumentException("A protocol name has 1 to 1,023 bytes of UTF-8 and no line feed.", nameof(protocol));
        return length;
    }
}
