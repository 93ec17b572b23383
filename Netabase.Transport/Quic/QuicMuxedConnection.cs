using System.Net.Quic;
using System.Runtime.Versioning;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Quic;

/// <summary>A QUIC connection's streams.</summary>
[SupportedOSPlatform("linux"), SupportedOSPlatform("windows"), SupportedOSPlatform("macos")]
internal sealed class QuicMuxedConnection(QuicConnection connection) : IMuxedConnection
{
    private readonly TaskCompletionSource<ConnectionEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _closing;
    private int _streams;

    public int StreamCount => Volatile.Read(ref _streams);

    /// <summary>The platform does not tell it.</summary>
    public TimeSpan? RoundTrip => null;

    public Task<ConnectionEnd> Ended => _ended.Task;

    public async ValueTask<IMuxedStream> OpenAsync(CancellationToken cancellation)
    {
        try
        {
            return Opened(await connection.OpenOutboundStreamAsync(QuicStreamType.Bidirectional, cancellation).ConfigureAwait(false));
        }
        catch (Exception e) when (QuicErrors.IsOfQuic(e))
        {
            throw Failed(e, "Opening a stream failed");
        }
    }

    public async ValueTask<IMuxedStream?> AcceptAsync(CancellationToken cancellation)
    {
        try
        {
            return Opened(await connection.AcceptInboundStreamAsync(cancellation).ConfigureAwait(false));
        }
        catch (Exception e) when (QuicErrors.IsOfQuic(e))
        {
            Failed(e, "The connection ended");
            return null;
        }
    }

    public async ValueTask CloseAsync(CancellationToken cancellation)
    {
        _ended.TrySetResult(new ConnectionEnd(null));
        try
        {
            await connection.CloseAsync(0, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (QuicErrors.IsOfQuic(e))
        {
            // The peer was quicker.
        }
    }

    public void Abort(TransportException reason)
    {
        _ended.TrySetResult(new ConnectionEnd(reason));
        Interlocked.CompareExchange(ref _closing, CloseAsync(CancellationToken.None).AsTask(), null);
    }

    public async ValueTask DisposeAsync()
    {
        _ended.TrySetResult(new ConnectionEnd(null));
        if (_closing is { } closing) await closing.ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    internal void StreamEnded() => Interlocked.Decrement(ref _streams);

    /// <summary>Notes the end of the connection when a failure is one, and gives the exception to throw.</summary>
    internal TransportException Failed(Exception e, string doing)
    {
        var failure = QuicErrors.Translate(e, doing);
        var orderly = e is QuicException { QuicError: QuicError.ConnectionAborted, ApplicationErrorCode: 0 };
        if (failure.Error is TransportError.ConnectionClosed or TransportError.TimedOut) _ended.TrySetResult(new ConnectionEnd(orderly ? null : failure));
        return failure;
    }

    private QuicMuxedStream Opened(QuicStream stream)
    {
        Interlocked.Increment(ref _streams);
        return new QuicMuxedStream(stream, this);
    }
}
