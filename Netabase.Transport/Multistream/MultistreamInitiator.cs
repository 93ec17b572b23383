using System.Runtime.InteropServices;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Multistream;

/// <summary>Where a negotiation stands after the bytes given to it.</summary>
public enum SelectionState
{
    /// <summary>More bytes of the peer are needed.</summary>
    Waiting,

    /// <summary>The last proposal was refused; send the next one (<see cref="MultistreamInitiator.WriteProposal"/>).</summary>
    ProposeNext,

    /// <summary>A protocol is agreed; what follows belongs to it.</summary>
    Agreed,

    /// <summary>Every proposal was refused.</summary>
    Refused,
}

/// <summary>
/// The proposing side of multistream-select 1.0, without I/O: it is given bytes and says what they mean. The header and the first
/// proposal leave together (<see cref="WriteOpening"/>), and with a single proposal the first data may ride behind them: a peer
/// that refuses it closes anyway.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public struct MultistreamInitiator
{
    private readonly IReadOnlyList<ProtocolId>? _proposals;
    private ProtocolId _current;
    private int _index;
    private bool _headerSeen;

    /// <summary>Will propose one protocol only.</summary>
    public MultistreamInitiator(ProtocolId only) => _current = only;

    /// <summary>Will propose these, best first.</summary>
    public MultistreamInitiator(IReadOnlyList<ProtocolId> proposals)
    {
        ArgumentNullException.ThrowIfNull(proposals);
        if (proposals.Count == 0) throw new ArgumentException("There is nothing to propose.", nameof(proposals));
        _proposals = proposals;
        _current = proposals[0];
    }

    /// <summary>The protocol proposed last; the agreed one in the end.</summary>
    public readonly ProtocolId Proposal => _current;

    /// <summary>How many bytes <see cref="WriteOpening"/> writes.</summary>
    public readonly int OpeningLength => MultistreamMessage.Header.Length + MultistreamMessage.LengthOf(_current);

    /// <summary>Writes the header and the first proposal.</summary>
    public readonly int WriteOpening(Span<byte> destination)
    {
        MultistreamMessage.Header.CopyTo(destination);
        return MultistreamMessage.Header.Length + WriteProposal(destination[MultistreamMessage.Header.Length..]);
    }

    /// <summary>Writes the current proposal.</summary>
    public readonly int WriteProposal(Span<byte> destination) => MultistreamMessage.Write(_current, destination);

    /// <summary>
    /// How many more bytes may be read without taking any that would belong to the agreed protocol; at least 1.
    /// </summary>
    /// <param name="pending">Bytes received and not yet consumed.</param>
    public readonly int Wanted(ReadOnlySpan<byte> pending)
    {
        var expected = (_headerSeen ? 0 : MultistreamMessage.Header.Length) + MultistreamMessage.LengthOf(_current);
        return Math.Max(1, expected - pending.Length);
    }

    /// <summary>Takes what was received.</summary>
    /// <param name="received">Bytes received and not yet consumed.</param>
    /// <param name="consumed">How many of them are done with.</param>
    /// <exception cref="TransportException">The peer does not speak multistream-select 1.0.</exception>
    public SelectionState Step(ReadOnlySpan<byte> received, out int consumed)
    {
        consumed = 0;
        while (MultistreamMessage.TryRead(received[consumed..], out var text, out var length))
        {
            consumed += length;
            if (!_headerSeen)
            {
                if (!text.SequenceEqual(MultistreamMessage.HeaderText)) throw MultistreamMessage.Violation("another header");
                _headerSeen = true;
                continue;
            }

            if (MultistreamMessage.Names(text, _current)) return SelectionState.Agreed;
            if (!text.SequenceEqual(MultistreamMessage.NotAvailableText))
                throw MultistreamMessage.Violation("an answer that is neither the proposal nor na");
            if (_proposals is null || ++_index == _proposals.Count) return SelectionState.Refused;

            _current = _proposals[_index];
            return SelectionState.ProposeNext;
        }

        return SelectionState.Waiting;
    }
}
