using System.Net.Quic;
using System.Runtime.Versioning;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Quic;

/// <summary>One bidirectional QUIC stream.</summary>
[SupportedOSPlatform("linux"), SupportedOSPlatform("windows"), SupportedOSPlatform("macos")]
internal sealed class QuicMuxedStream(QuicStream stream, QuicMuxedConnection connection) : IMuxedStream
{
    private int _disposed;

    public uint Id => (uint)stream.Id;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (QuicErrors.IsOfQuic(e))
        {
            throw connection.Failed(e, "Reading from the stream failed");
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (bytes.IsEmpty) return;
        try
        {
            await stream.WriteAsync(bytes, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (QuicErrors.IsOfQuic(e))
        {
            throw connection.Failed(e, "Writing to the stream failed");
        }
    }

    public ValueTask CloseWriteAsync(CancellationToken cancellation)
    {
        try
        {
            stream.CompleteWrites();
            return default;
        }
        catch (Exception e) when (QuicErrors.IsOfQuic(e))
        {
            throw connection.Failed(e, "Closing the stream failed");
        }
    }

    public void Reset(uint code = 0)
    {
        try
        {
            stream.Abort(QuicAbortDirection.Both, code);
        }
        catch (ObjectDisposedException)
        {
            // It is over already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        connection.StreamEnded();
        await stream.DisposeAsync().ConfigureAwait(false);
    }
}
