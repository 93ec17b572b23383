using System.Buffers;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Multistream;

/// <summary>Gives a protocol to the streams of a muxed connection.</summary>
public static class StreamSelection
{
    /// <summary>
    /// Proposes one protocol without waiting: the proposal leaves with the first write, and a refusal is met by the first read as
    /// <see cref="TransportError.ProtocolNotSupported"/>. What is written before that may be lost, so it must be harmless to repeat.
    /// </summary>
    public static NegotiatedStream Propose(IMuxedStream stream, ProtocolId protocol)
    {
        ArgumentNullException.ThrowIfNull(stream);
        MultistreamMessage.LengthOf(protocol);
        return new NegotiatedStream(stream, new MultistreamInitiator(protocol));
    }

    /// <summary>Proposes protocols in order until the peer agrees to one; costs a round trip for each.</summary>
    /// <exception cref="TransportException">The peer speaks none of them, or not multistream-select; the stream has been reset.</exception>
    public static async ValueTask<NegotiatedStream> SelectAsync(
        IMuxedStream stream, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var initiator = new MultistreamInitiator(protocols);
        var buffer = ArrayPool<byte>.Shared.Rent(MultistreamResponder.MaxAnswer);
        var done = false;
        try
        {
            await stream.WriteAsync(buffer.AsMemory(0, initiator.WriteOpening(buffer)), cancellation).ConfigureAwait(false);
            for (var used = 0; ;)
            {
                var wanted = initiator.Wanted(buffer.AsSpan(0, used));
                buffer = NegotiatedStream.Grown(buffer, used, wanted);
                used += await ReadSomeAsync(stream, buffer.AsMemory(used, wanted), cancellation).ConfigureAwait(false);
                var state = initiator.Step(buffer.AsSpan(0, used), out var consumed);
                buffer.AsSpan(consumed, used - consumed).CopyTo(buffer);
                used -= consumed;
                switch (state)
                {
                    case SelectionState.Agreed:
                        done = true;
                        return new NegotiatedStream(stream, initiator.Proposal);
                    case SelectionState.Refused:
                        throw new TransportException(
                            TransportError.ProtocolNotSupported, $"The peer speaks none of {string.Join(", ", protocols)}.");
                    case SelectionState.ProposeNext:
                        // Whatever stands behind a refusal was sent before our next proposal: it can answer nothing.
                        if (used != 0) throw MultistreamMessage.Violation("something behind its refusal");
                        var length = initiator.WriteProposal(buffer);
                        await stream.WriteAsync(buffer.AsMemory(0, length), cancellation).ConfigureAwait(false);
                        break;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!done) stream.Reset();
        }
    }

    /// <summary>Answers the peer's proposals on a stream it opened until one is spoken here.</summary>
    /// <exception cref="TransportException">The peer found nothing in common, or does not speak multistream-select; the stream has been reset.</exception>
    public static async ValueTask<NegotiatedStream> AcceptAsync(
        IMuxedStream stream, ProtocolTable table, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var responder = default(MultistreamResponder);
        var buffer = ArrayPool<byte>.Shared.Rent(128);
        var done = false;
        try
        {
            for (var used = 0; ;)
            {
                var wanted = responder.Wanted(buffer.AsSpan(0, used));
                buffer = NegotiatedStream.Grown(buffer, used, wanted);
                used += await ReadSomeAsync(stream, buffer.AsMemory(used, wanted), cancellation).ConfigureAwait(false);
                var agreed = Answer(ref responder, table, buffer.AsSpan(0, used), out var consumed, out var answer, out var length);
                try
                {
                    if (length > 0) await stream.WriteAsync(answer.AsMemory(0, length), cancellation).ConfigureAwait(false);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(answer);
                }

                buffer.AsSpan(consumed, used - consumed).CopyTo(buffer);
                used -= consumed;
                if (agreed is not { } protocol) continue;
                if (used != 0) throw MultistreamMessage.Violation("data before its header was complete");
                done = true;
                return new NegotiatedStream(stream, protocol);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!done) stream.Reset();
        }
    }

    private static ProtocolId? Answer(
        ref MultistreamResponder responder, ProtocolTable table, ReadOnlySpan<byte> received,
        out int consumed, out byte[] answer, out int length)
    {
        answer = ArrayPool<byte>.Shared.Rent(MultistreamResponder.MaxAnswer);
        try
        {
            return responder.Step(received, table, answer, out consumed, out length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(answer);
            throw;
        }
    }

    private static async ValueTask<int> ReadSomeAsync(IMuxedStream stream, Memory<byte> buffer, CancellationToken cancellation)
    {
        var read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false);
        return read > 0
            ? read
            : throw new TransportException(TransportError.ProtocolNotSupported, "The peer closed the stream before a protocol was agreed.");
    }
}
