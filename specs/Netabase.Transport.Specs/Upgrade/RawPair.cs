using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Specs.Upgrade;

/// <summary>
/// Two ends of a raw connection in memory. With one direction open and the other held, everything that gets through was caused by what
/// was heard before: so the round trips an exchange costs are counted as changes of direction, not timed.
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

    /// <summary>Lets one direction through, and holds the other.</summary>
    public void Turn(ConnectionRole speaker)
    {
        (_toListener.Holds, _toDialer.Holds) = (speaker != ConnectionRole.Dialer, speaker != ConnectionRole.Listener);
    }

    /// <summary>Lets both directions through.</summary>
    public void Open() => _toListener.Holds = _toDialer.Holds = false;

    public sealed class End(Lane output, Lane input, string address) : IRawConnection
    {
        public int Sends => output.Sent;

        /// <summary>Completes once so many sends were made, held ones included.</summary>
        public Task SentAsync(int count) => output.SentAsync(count);

        public bool IsAborted { get; private set; }

        /// <summary>Changes what is sent.</summary>
        public Action<byte[]>? Tamper { get; set; }

        /// <summary>What follows a send, in the same segment; given its number, from 1.</summary>
        public Func<int, byte[]>? Append { get; set; }

        /// <summary>How many bytes get through before the rest is swallowed: a peer that stops in the middle.</summary>
        public int Budget { get; set; } = int.MaxValue;

        /// <summary>Completes when the first byte was swallowed.</summary>
        public TaskCompletionSource Swallowed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Bytes sent so far, swallowed ones included.</summary>
        public int BytesSent { get; private set; }

        public Multiaddr LocalAddress { get; } = Multiaddr.Parse(address);

        public Multiaddr RemoteAddress { get; } = Multiaddr.Parse("/ip4/127.0.0.1/tcp/3");

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation) => input.ReceiveAsync(buffer, cancellation);

        public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
        {
            if (IsAborted) throw new TransportException(TransportError.ConnectionClosed, "The end was cut.");
            byte[] sent = [.. bytes.Span, .. Append?.Invoke(output.Sent + 1) ?? []];
            Tamper?.Invoke(sent);
            BytesSent += sent.Length;
            var through = Math.Min(Budget, sent.Length);
            Budget -= through;
            if (through > 0) output.Send(sent.AsSpan(0, through));
            if (through < sent.Length || Budget == 0) Swallowed.TrySetResult();
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
