using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Specs.Robustness;

/// <summary>TCP that lets only so many bytes out, swallows the rest, and tells when the other end has had enough.</summary>
internal sealed class SilentTransport(ITransport inner, int bytes) : ITransport
{
    public bool CanDial(Multiaddr address) => inner.CanDial(address);

    public bool CanListen(Multiaddr address) => false;

    public async ValueTask<IRawConnection> DialAsync(Multiaddr address, CancellationToken cancellation) =>
        new Connection(await inner.DialAsync(address, cancellation), bytes);

    public ValueTask<IRawListener> ListenAsync(Multiaddr address, CancellationToken cancellation) =>
        throw new TransportException(TransportError.AddressUnusable, "A silent transport only dials.");

    private sealed class Connection(IRawConnection raw, int left) : IRawConnection
    {
        private int _left = left;

        public Multiaddr LocalAddress => raw.LocalAddress;

        public Multiaddr RemoteAddress => raw.RemoteAddress;

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation) => raw.ReceiveAsync(buffer, cancellation);

        public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            var count = Math.Min(bytes.Length, _left);
            _left -= count;
            if (count > 0)
            {
                await raw.SendAsync(bytes[..count], cancellation);
            }
        }

        public void Abort() => raw.Abort();

        public ValueTask DisposeAsync() => raw.DisposeAsync();
    }
}
