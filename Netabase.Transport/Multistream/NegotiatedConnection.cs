using System.Buffers;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Multistream;

/// <summary>
/// A byte pipe below whose reader and writer a protocol is, or is being, negotiated. What the negotiation still has to say leaves with
/// the first send, or before the first receive that has to wait; what it still has to hear is taken off the front of the first
/// receive; what it received too much is received first. Send and receive must not overlap until both have been called.
/// </summary>
internal sealed class NegotiatedConnection : IRawConnection
{
    private const int ReceiveSize = 2048;

    private readonly IRawConnection _inner;
    private MultistreamInitiator _initiator;
    private bool _awaiting;
    private byte[] _unsent = [];
    private byte[] _pending = [];
    private int _start;
    private int _end;

    private NegotiatedConnection(IRawConnection inner) => _inner = inner;

    /// <summary>The protocol agreed on, or proposed as the only one.</summary>
    public ProtocolId Protocol { get; private set; }

    public Multiaddr LocalAddress => _inner.LocalAddress;

    public Multiaddr RemoteAddress => _inner.RemoteAddress;

    /// <summary>Whether nothing is left to say, to hear or to give: from here on the inner connection does as well.</summary>
    public bool IsSettled => !_awaiting && _unsent.Length == 0 && _start == _end;

    /// <summary>What was received behind the negotiation and not yet given; the caller's from now on.</summary>
    public byte[] TakeLeftover()
    {
        var taken = _pending.AsSpan(_start, _end - _start).ToArray();
        ReturnPending();
        return taken;
    }

    /// <summary>Proposes one protocol, without waiting for anything.</summary>
    public static NegotiatedConnection Propose(IRawConnection inner, ProtocolId protocol)
    {
        var connection = new NegotiatedConnection(inner) { _initiator = new MultistreamInitiator(protocol), _awaiting = true, Protocol = protocol };
        connection._unsent = new byte[connection._initiator.OpeningLength];
        connection._initiator.WriteOpening(connection._unsent);
        return connection;
    }

    /// <summary>Proposes protocols in order until the peer agrees to one.</summary>
    public static async ValueTask<NegotiatedConnection> SelectAsync(
        IRawConnection inner, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellation)
    {
        var connection = new NegotiatedConnection(inner) { _initiator = new MultistreamInitiator(protocols), _awaiting = true };
        connection._unsent = new byte[connection._initiator.OpeningLength];
        connection._initiator.WriteOpening(connection._unsent);
        await connection.FlushAsync(cancellation).ConfigureAwait(false);
        await connection.AwaitAgreementAsync(cancellation).ConfigureAwait(false);
        return connection;
    }

    /// <summary>Answers proposals until one is spoken here; our agreement is held back for the first flight of the protocol.</summary>
    public static async ValueTask<NegotiatedConnection> AcceptAsync(
        IRawConnection inner, ProtocolTable table, CancellationToken cancellation)
    {
        var connection = new NegotiatedConnection(inner);
        var responder = default(MultistreamResponder);
        while (true)
        {
            await connection.FillAsync(cancellation).ConfigureAwait(false);
            while (connection.Answer(ref responder, table, out var agreed, out var progressed))
            {
                if (agreed)
                    return connection;
                if (connection._unsent.Length > 0) await connection.FlushAsync(cancellation).ConfigureAwait(false);
                if (!progressed) break;
            }
        }
    }

    /// <summary>Sends what is held back.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        var unsent = _unsent;
        _unsent = [];
        await _inner.SendAsync(unsent, cancellation).ConfigureAwait(false);
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (IsSettled) return _inner.ReceiveAsync(buffer, cancellation);
        return _start < _end && !_awaiting ? new ValueTask<int>(TakePending(buffer)) : SettleAndReceiveAsync(buffer, cancellation);
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (_unsent.Length == 0) return _inner.SendAsync(bytes, cancellation);
        _unsent = [.. _unsent, .. bytes.Span];
        return FlushAsync(cancellation);
    }

    public void Abort() => _inner.Abort();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private async ValueTask<int> SettleAndReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (_unsent.Length > 0) await FlushAsync(cancellation).ConfigureAwait(false);
        if (_awaiting) await AwaitAgreementAsync(cancellation).ConfigureAwait(false);
        return _start < _end ? TakePending(buffer) : await _inner.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
    }

    private async ValueTask AwaitAgreementAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await FillAsync(cancellation).ConfigureAwait(false);
            var state = _initiator.Step(_pending.AsSpan(_start, _end - _start), out var consumed);
            _start += consumed;
            switch (state)
            {
                case SelectionState.Agreed:
                    _awaiting = false;
                    Protocol = _initiator.Proposal;
                    if (_start == _end) ReturnPending();
                    return;
                case SelectionState.Refused:
                    throw new TransportException(TransportError.ProtocolNotSupported, $"The peer does not speak {_initiator.Proposal}, nor anything else we proposed.");
                case SelectionState.ProposeNext:
                    var proposal = new byte[MultistreamMessage.LengthOf(_initiator.Proposal)];
                    _initiator.WriteProposal(proposal);
                    await _inner.SendAsync(proposal, cancellation).ConfigureAwait(false);
                    break;
            }
        }
    }

    private bool Answer(ref MultistreamResponder responder, ProtocolTable table, out bool agreed, out bool progressed)
    {
        Span<byte> answer = stackalloc byte[MultistreamResponder.MaxAnswer];
        var protocol = responder.Step(_pending.AsSpan(_start, _end - _start), table, answer, out var consumed, out var answered);
        _start += consumed;
        _unsent = answer[..answered].ToArray();
        agreed = protocol is not null;
        progressed = consumed > 0;
        if (protocol is { } spoken) Protocol = spoken;
        if (agreed && _start == _end) ReturnPending();
        return agreed || answered > 0 || progressed;
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (_pending.Length == 0) _pending = ArrayPool<byte>.Shared.Rent(ReceiveSize);
        _pending.AsSpan(_start, _end - _start).CopyTo(_pending);
        (_start, _end) = (0, _end - _start);
        var read = await _inner.ReceiveAsync(_pending.AsMemory(_end), cancellation).ConfigureAwait(false);
        if (read == 0) throw new TransportException(TransportError.ConnectionClosed, "The peer closed the connection before a protocol was agreed.");
        _end += read;
    }

    private int TakePending(Memory<byte> buffer)
    {
        var taken = Math.Min(buffer.Length, _end - _start);
        _pending.AsSpan(_start, taken).CopyTo(buffer.Span);
        _start += taken;
        if (_start == _end) ReturnPending();
        return taken;
    }

    private void ReturnPending()
    {
        if (_pending.Length > 0) ArrayPool<byte>.Shared.Return(_pending);
        _pending = [];
        _start = _end = 0;
    }
}
