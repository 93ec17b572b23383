namespace Netabase.Transport.Connections;

/// <summary>No framing and no sealing, for connections whose lower layer encrypts already (TLS) or that a test leaves in the clear.</summary>
public sealed class PlainCodec : IFrameCodec
{
    /// <summary>The one instance; it holds nothing.</summary>
    public static readonly PlainCodec Instance = new();

    /// <inheritdoc/>
    public int MaxPlaintext => 64 * 1024;

    /// <inheritdoc/>
    public int Overhead => 0;

    /// <inheritdoc/>
    public int Prefix => 0;

    /// <inheritdoc/>
    public int Seal(Span<byte> frame, int plaintext) => plaintext;

    /// <inheritdoc/>
    public bool TryOpen(Span<byte> received, out int consumed, out Range plaintext)
    {
        consumed = received.Length;
        plaintext = ..received.Length;
        return !received.IsEmpty;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
