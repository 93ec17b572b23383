using System.Security.Cryptography;
using System.Text;

namespace Netabase.Transport.WebSocket;

/// <summary>
/// The start line and the headers of one HTTP/1.1 message, as far as the opening handshake of WebSocket needs them (RFC 6455, 4): read
/// strictly and within a bound, because a stranger wrote them.
/// </summary>
public sealed class HttpHead
{
    /// <summary>The most bytes a head may take, its closing empty line included.</summary>
    public const int MaxLength = 8 * 1024;

    private const string Version = "HTTP/1.1";
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private readonly Dictionary<string, string> _headers;

    private HttpHead(string start, Dictionary<string, string> headers) => (Start, _headers) = (start, headers);

    /// <summary>The request line or the status line.</summary>
    public string Start { get; }

    /// <summary>A header's value, several of one name joined by commas; empty when there is none.</summary>
    public string this[string name] => _headers.GetValueOrDefault(name, "");

    /// <summary>Reads the head at the start of the bytes.</summary>
    /// <param name="received">Bytes received so far.</param>
    /// <param name="consumed">How many of them the head takes.</param>
    /// <returns>Null while it is not complete.</returns>
    /// <exception cref="TransportException">It is too long, or no HTTP.</exception>
    public static HttpHead? TryRead(ReadOnlySpan<byte> received, out int consumed)
    {
        var end = received[..Math.Min(received.Length, MaxLength)].IndexOf("\r\n\r\n"u8);
        consumed = end + 4;
        if (end < 0)
        {
            consumed = 0;
            return received.Length < MaxLength ? null : throw Violation($"a head of more than {MaxLength} bytes");
        }

        var text = received[..end];
        if (HasControls(text)) throw Violation("a head with control characters");
        var lines = Encoding.Latin1.GetString(text).Split("\r\n");
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || line[0] is ' ' or '\t' || line[colon - 1] is ' ' or '\t') throw Violation("a malformed header");
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            headers[name] = headers.TryGetValue(name, out var before) ? before + "," + value : value;
        }

        return new HttpHead(lines[0], headers);
    }

    /// <summary>A client's request to open.</summary>
    public static byte[] Request(string host, string key) => Encoding.ASCII.GetBytes(
        $"GET / {Version}\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n");

    /// <summary>A server's consent.</summary>
    public static byte[] Consent(string key) => Encoding.ASCII.GetBytes(
        $"{Version} 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {AcceptOf(key)}\r\n\r\n");

    /// <summary>A server's refusal of what is no handshake of this version.</summary>
    public static byte[] Refusal() => Encoding.ASCII.GetBytes(
        $"{Version} 400 Bad Request\r\nSec-WebSocket-Version: 13\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

    /// <summary>The key of a request that may be consented to, or null.</summary>
    public string? KeyOfRequest()
    {
        var parts = Start.Split(' ');
        var key = this["Sec-WebSocket-Key"];
        Span<byte> nonce = stackalloc byte[32];
        return parts is ["GET", ['/', ..], Version]
            && HasToken("Upgrade", "websocket") && HasToken("Connection", "upgrade") && this["Sec-WebSocket-Version"] == "13"
            && this["Host"].Length > 0 && Convert.TryFromBase64String(key, nonce, out var length) && length == 16
                ? key
                : null;
    }

    /// <summary>Whether this is the consent to a request with that key.</summary>
    public bool ConsentsTo(string key) =>
        (Start == Version + " 101" || Start.StartsWith(Version + " 101 ", StringComparison.Ordinal))
        && HasToken("Upgrade", "websocket") && HasToken("Connection", "upgrade")
        && this["Sec-WebSocket-Accept"] == AcceptOf(key)
        && this["Sec-WebSocket-Extensions"].Length == 0 && this["Sec-WebSocket-Protocol"].Length == 0;

    private static string AcceptOf(string key)
    {
#pragma warning disable CA5350 // RFC 6455 prescribes SHA-1; it proves that the server has read the key, and protects nothing.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));
#pragma warning restore CA5350
    }

    private static bool HasControls(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var lineEnd = text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n';
            if (lineEnd) i++;
            else if (text[i] is < 0x20 and not (byte)'\t' or 0x7f) return true;
        }

        return false;
    }

    private static TransportException Violation(string what) => new(TransportError.ProtocolViolation, $"WebSocket: the other end sent {what}.");

    private bool HasToken(string header, string token) =>
        this[header].Split(',', StringSplitOptions.TrimEntries).Contains(token, StringComparer.OrdinalIgnoreCase);
}
