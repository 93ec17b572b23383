using Netabase.Transport.Connections;
using Netabase.Transport.Multistream;

namespace Netabase.Transport.Upgrade;

/// <summary>
/// Takes the peer's agreement to our one muxer off the front of the opened bytes, so that the muxer starts without waiting for it.
/// </summary>
internal sealed class ProposingCodec(IFrameCodec inner, MultistreamInitiator initiator) : IFrameCodec
{
    private MultistreamInitiator _initiator = initiator;
    private byte[] _pending = [];
    private bool _agreed;

    public int MaxPlaintext => inner.MaxPlaintext;

    public int Overhead => inner.Overhead;

    public int Prefix => inner.Prefix;

    public int Seal(Span<byte> frame, int plaintext) => inner.Seal(frame, plaintext);

    public bool TryOpen(Span<byte> received, out int consumed, out Range plaintext)
    {
        if (!inner.TryOpen(received, out consumed, out plaintext)) return false;
        if (_agreed) return true;

        var text = received[plaintext];
        var end = plaintext.GetOffsetAndLength(received.Length).Offset + text.Length;
        plaintext = (end - Take(text))..end;
        return true;
    }

    public void Dispose() => inner.Dispose();

    /// <summary>Returns how many bytes at the end are the muxer's.</summary>
    private int Take(ReadOnlySpan<byte> text)
    {
        byte[] all = [.. _pending, .. text];
        var state = _initiator.Step(all, out var consumed);
        switch (state)
        {
            case SelectionState.Agreed:
                _agreed = true;
                _pending = [];
                return all.Length - consumed;
            case SelectionState.Waiting:
                _pending = all[consumed..];
                return 0;
            default:
                throw new TransportException(TransportError.ProtocolNotSupported, $"The peer does not speak {_initiator.Proposal}.");
        }
    }
}
