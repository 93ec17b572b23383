using System.Buffers;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Multistream;

/// <summary>
/// A stream that has a protocol. On the proposing side the negotiation is lazy: our header and proposal leave with the first
/// write, and the peer's answer is taken off the front of the first read, so that it costs no round trip of its own.
/// </summary>
public sealed class NegotiatedStream : IMuxedStream
{
    /// <summary>Data up to this length is copied behind the proposal, so that one write carries both.</summary>
    private const int RidesAlong = 4096;

    private readonly IMuxedStream _inner;
    private readonly Lock _gate = new();
    private MultistreamInitiator _initiator;
    private Task? _opening;
    private byte[]? _pending;
    private int _pendingLength;
    private volatile bool _agreed;
    private volatile bool _openingClaimed;

    /// <summary>A stream whose negotiation is over.</summary>
    internal NegotiatedStream(IMuxedStream inner, ProtocolId protocol)
    {
        _inner = inner;
        Protocol = protocol;
        _agreed = true;
        _openingClaimed = true;
    }

    /// <summary>A stream that will propose its one protocol with its first write.</summary>
    internal NegotiatedStream(IMuxedStream inner, MultistreamInitiator initiator)
    {
        _inner = inner;
        _initiator = initiator;
        Protocol = initiator.Proposal;
    }

    /// <summary>What is spoken on it; while <see cref="IsAgreed"/> is false, what we proposed.</summary>
    public ProtocolId Protocol { get; }

    /// <summary>Whether the peer's agreement has been read.</summary>
    public bool IsAgreed => _agreed;

    /// <inheritdoc/>
    public uint Id => _inner.Id;

    /// <summary>Sends the proposal if that has not been done, and waits for the peer's agreement.</summary>
    /// <exception cref="TransportException">The peer does not speak the protocol; the stream has been reset.</exception>
    public ValueTask ConfirmAsync(CancellationToken cancellation) => _agreed ? default : AwaitAgreementAsync(cancellation);

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) =>
        _agreed ? _inner.ReadAsync(buffer, cancellation) : AgreeAndReadAsync(buffer, cancellation);

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (ClaimOpening(byReader: null)) return OpenWithAsync(bytes, cancellation);
        var opening = _opening;
        return opening is null or { IsCompletedSuccessfully: true }
            ? _inner.WriteAsync(bytes, cancellation)
            : WriteAfterAsync(opening, bytes, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask CloseWriteAsync(CancellationToken cancellation)
    {
        await WriteAsync(ReadOnlyMemory<byte>.Empty, cancellation).ConfigureAwait(false);
        await _inner.CloseWriteAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Reset(uint code = 0) => _inner.Reset(code);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    /// <summary>Who comes first, reader or writer, sends the proposal; a writer that comes second waits for the reader's sending.</summary>
    private bool ClaimOpening(Task? byReader)
    {
        if (_openingClaimed) return false;
        lock (_gate)
        {
            if (_openingClaimed) return false;
            _opening = byReader;
            _openingClaimed = true;
            return true;
        }
    }

    private async ValueTask OpenWithAsync(ReadOnlyMemory<byte> first, CancellationToken cancellation)
    {
        var length = _initiator.OpeningLength;
        var rides = first.Length <= RidesAlong;
        var buffer = ArrayPool<byte>.Shared.Rent(length + (rides ? first.Length : 0));
        try
        {
            _initiator.WriteOpening(buffer);
            if (rides)
            {
                first.CopyTo(buffer.AsMemory(length));
                length += first.Length;
            }

            await _inner.WriteAsync(buffer.AsMemory(0, length), cancellation).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (!rides) await _inner.WriteAsync(first, cancellation).ConfigureAwait(false);
    }

    private async ValueTask WriteAfterAsync(Task opening, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await opening.WaitAsync(cancellation).ConfigureAwait(false);
        await _inner.WriteAsync(bytes, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<int> AgreeAndReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        await AwaitAgreementAsync(cancellation).ConfigureAwait(false);
        return await _inner.ReadAsync(buffer, cancellation).ConfigureAwait(false);
    }

    /// <summary>Only the stream's one reader comes here; a cancelled read leaves what it got for the next.</summary>
    private async ValueTask AwaitAgreementAsync(CancellationToken cancellation)
    {
        if (!_openingClaimed) await OpenByReaderAsync(cancellation).ConfigureAwait(false);
        _pending ??= ArrayPool<byte>.Shared.Rent(64);
        while (true)
        {
            var wanted = _initiator.Wanted(_pending.AsSpan(0, _pendingLength));
            _pending = Grown(_pending, _pendingLength, wanted);
            var read = await _inner.ReadAsync(_pending.AsMemory(_pendingLength, wanted), cancellation).ConfigureAwait(false);
            if (read == 0)
                throw new TransportException(TransportError.ProtocolNotSupported, $"The peer closed the stream without agreeing to {Protocol}.");

            _pendingLength += read;
            if (Advance() == SelectionState.Agreed) break;
        }

        ArrayPool<byte>.Shared.Return(_pending);
        _pending = null;
        _agreed = true;
    }

    private async ValueTask OpenByReaderAsync(CancellationToken cancellation)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!ClaimOpening(sent.Task)) return;
        try
        {
            await OpenWithAsync(ReadOnlyMemory<byte>.Empty, cancellation).ConfigureAwait(false);
            sent.SetResult();
        }
        catch (Exception)
        {
            // Half a proposal may be out: nothing that follows it would mean anything.
            sent.SetException(new TransportException(TransportError.StreamReset, "The proposal of the stream's protocol could not be sent."));
            _inner.Reset();
            throw;
        }
    }

    private SelectionState Advance()
    {
        try
        {
            var state = _initiator.Step(_pending.AsSpan(0, _pendingLength), out var consumed);
            _pending.AsSpan(consumed, _pendingLength - consumed).CopyTo(_pending);
            _pendingLength -= consumed;
            if (state == SelectionState.Refused)
                throw new TransportException(TransportError.ProtocolNotSupported, $"The peer does not speak {Protocol}.");
            return state;
        }
        catch (TransportException)
        {
            _inner.Reset();
            throw;
        }
    }

    internal static byte[] Grown(byte[] buffer, int used, int more)
    {
        if (buffer.Length - used >= more) return buffer;
        var larger = ArrayPool<byte>.Shared.Rent(used + more);
        buffer.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
