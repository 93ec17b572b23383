using Netabase.Transport.Connections;
using Netabase.Transport.Specs.Upgrade;

namespace Netabase.Transport.Specs.Multistream;

/// <summary>Two ends of a stream in memory.</summary>
internal sealed class StreamPair
{
    private readonly Lane _there = new();
    private readonly Lane _back = new();

    public StreamPair()
    {
        Dialer = new End(_there, _back);
        Listener = new End(_back, _there);
    }

    public End Dialer { get; }

    public End Listener { get; }

    public sealed class End(Lane output, Lane input) : IMuxedStream
    {
        public uint Id => 1;

        public int Writes => output.Sent;

        public bool IsReset { get; private set; }

        public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) => input.ReceiveAsync(buffer, cancellation);

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            if (IsReset) throw new TransportException(TransportError.StreamReset, "The stream was reset.");
            cancellation.ThrowIfCancellationRequested();
            if (!bytes.IsEmpty) output.Send(bytes.Span);
            return default;
        }

        public ValueTask CloseWriteAsync(CancellationToken cancellation)
        {
            output.Close();
            return default;
        }

        public void Reset(uint code = 0)
        {
            IsReset = true;
            output.Close(new TransportException(TransportError.StreamReset, "The stream was reset."));
        }

        public ValueTask DisposeAsync() => CloseWriteAsync(default);
    }
}
