using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Specs.Upgrade;

/// <summary>
/// Two ends of a raw connection in memory. Each end has a logical clock that counts one-way trips: what is received stands one trip
/// after it was sent, and what is sent carries the clock. So the round trips an exchange costs are read off, not timed.
/// </summary>
internal sealed class RawPair
{
    private readonly Lane _toListener = new();
    private readonly Lane _toDialer = new();

    public RawPair()
    {
        Dialer = new End(_toListener, _toDialer, "/ip4/127.0.0.1/tcp/1");
        Listener = new End(_toDialer, _toListener, "/ip4/127.0.0.1/tcp/2");
    }

    public End Dialer { get; }

    public End Listener { get; }

    public sealed class End(Lane output, Lane input, string address) : IRawConnection
    {
        /// <summary>One-way trips on the longest path of causes that led here.</summary>
        public int Trips { get; private set; }

        public int Sends => output.Sent;

        public bool IsAborted { get; private set; }

        /// <summary>Changes what is sent.</summary>
        public Action<byte[]>? Tamper { get; set; }

        /// <summary>What follows a send, in the same segment; given its number, from 1.</summary>
        public Func<int, byte[]>? Append { get; set; }

        public Multiaddr LocalAddress { get; } = Multiaddr.Parse(address);

        public Multiaddr RemoteAddress { get; } = Multiaddr.Parse("/ip4/127.0.0.1/tcp/3");

        public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
        {
            var (read, stamp) = await input.ReceiveAsync(buffer, cancellation);
            Trips = Math.Max(Trips, stamp + 1);
            return read;
        }

        public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            if (IsAborted) throw new TransportException(TransportError.ConnectionClosed, "The end was cut.");
            byte[] sent = [.. bytes.Span, .. Append?.Invoke(output.Sent + 1) ?? []];
            Tamper?.Invoke(sent);
            output.Send(sent, Trips);
            return default;
        }

        public void Abort()
        {
            IsAborted = true;
            output.Close();
            input.Close();
        }

        public ValueTask DisposeAsync()
        {
            output.Close();
            return default;
        }
    }
}
