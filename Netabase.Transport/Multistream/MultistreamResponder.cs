using System.Runtime.InteropServices;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Multistream;

/// <summary>
/// The answering side of multistream-select 1.0, without I/O: bytes in; consumed bytes, an answer and perhaps an agreement out.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public struct MultistreamResponder
{
    /// <summary>How many proposals are refused before the peer is taken for one that only wants to keep us busy.</summary>
    public const int MaxProposals = 64;

    private int _proposals;
    private bool _headerSeen;
    private bool _headerSent;

    /// <summary>The most bytes one <see cref="Step"/> answers: the header and an echo.</summary>
    public static int MaxAnswer => MultistreamMessage.Header.Length + MultistreamMessage.MaxEncodedLength;

    /// <summary>
    /// How many more bytes may be read without taking any behind the first proposal, which would belong to the protocol if it is
    /// agreed to; at least 1.
    /// </summary>
    /// <param name="pending">Bytes received and not yet consumed.</param>
    /// <exception cref="TransportException">They cannot become a message.</exception>
    public readonly int Wanted(ReadOnlySpan<byte> pending)
    {
        if (!_headerSeen && pending.Length <= MultistreamMessage.Header.Length)
            return MultistreamMessage.Header.Length + 1 - pending.Length;
        MultistreamMessage.TryRead(pending, out _, out var length);
        return Math.Max(1, length - pending.Length);
    }

    /// <summary>
    /// Takes what was received, up to one proposal. Our header is held back to leave with the answer to it; only when the peer
    /// has sent its header alone, it may be waiting for ours, and then ours goes at once.
    /// </summary>
    /// <param name="received">Bytes received and not yet consumed.</param>
    /// <param name="table">What is spoken here.</param>
    /// <param name="answer">Takes at most <see cref="MaxAnswer"/> bytes to send.</param>
    /// <param name="consumed">How many received bytes are done with.</param>
    /// <param name="answered">How many bytes to send.</param>
    /// <returns>The agreed protocol, or null while there is none.</returns>
    /// <exception cref="TransportException">The peer does not speak multistream-select 1.0, or proposes without end.</exception>
    public ProtocolId? Step(
        ReadOnlySpan<byte> received, ProtocolTable table, Span<byte> answer, out int consumed, out int answered)
    {
        ArgumentNullException.ThrowIfNull(table);
        consumed = 0;
        answered = 0;
        if (!_headerSeen)
        {
            if (!MultistreamMessage.TryRead(received, out var header, out consumed))
            {
                consumed = 0;
                return null;
            }

            if (!header.SequenceEqual(MultistreamMessage.HeaderText)) throw MultistreamMessage.Violation("another header");
            _headerSeen = true;
        }

        if (!MultistreamMessage.TryRead(received[consumed..], out var text, out var length))
        {
            if (received.Length == consumed) answered = WriteHeader(answer);
            return null;
        }

        consumed += length;
        answered = WriteHeader(answer);
        if (table.TryMatch(text, out var protocol))
        {
            received[(consumed - length)..consumed].CopyTo(answer[answered..]);
            answered += length;
            return protocol;
        }

        if (++_proposals > MaxProposals) throw MultistreamMessage.Violation($"more than {MaxProposals} proposals");
        MultistreamMessage.NotAvailable.CopyTo(answer[answered..]);
        answered += MultistreamMessage.NotAvailable.Length;
        return null;
    }

    private int WriteHeader(Span<byte> answer)
    {
        if (_headerSent) return 0;
        _headerSent = true;
        MultistreamMessage.Header.CopyTo(answer);
        return MultistreamMessage.Header.Length;
    }
}
