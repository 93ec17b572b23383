using System.Runtime.CompilerServices;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Multistream;

namespace Netabase.Transport.Network;

/// <summary>A stream with a protocol, counted.</summary>
internal sealed class PeerStream : IPeerStream
{
    private readonly NegotiatedStream _inner;
    private readonly SwarmConnection _connection;
    private int _closed;

    public PeerStream(NegotiatedStream inner, SwarmConnection connection, Direction direction)
    {
        _inner = inner;
        _connection = connection;
        Direction = direction;
        TransportTelemetry.StreamOpened(inner.Protocol, direction);
    }

    public uint Id => _inner.Id;

    public PeerId Peer => Connection.Peer;

    public ProtocolId Protocol => _inner.Protocol;

    public Direction Direction { get; }

    public ConnectionInfo Connection => _connection.Info;

    /// <summary>The connection with everything that only this library may do to it.</summary>
    public SwarmConnection Owner => _connection;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var read = _inner.ReadAsync(buffer, cancellation);
        return read.IsCompletedSuccessfully ? new ValueTask<int>(Count(read.Result)) : CountedAsync(read);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        TransportTelemetry.Written(bytes.Length);
        return _inner.WriteAsync(bytes, cancellation);
    }

    public ValueTask CloseWriteAsync(CancellationToken cancellation) => _inner.CloseWriteAsync(cancellation);

    public void Reset(uint code = 0) => _inner.Reset(code);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        await _inner.DisposeAsync().ConfigureAwait(false);
        _connection.Touch();
        TransportTelemetry.StreamClosed(Protocol, Direction);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<int> CountedAsync(ValueTask<int> read) => Count(await read.ConfigureAwait(false));

    private static int Count(int read)
    {
        TransportTelemetry.Read(read);
        return read;
    }
}
