using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Specs.Robustness;

/// <summary>TCP as bad days have it: each dialed connection has its own seeded fate.</summary>
internal sealed class FaultyTransport(ITransport inner, int seed) : ITransport
{
    private int _dialed;

    public bool CanDial(Multiaddr address) => inner.CanDial(address);

    public bool CanListen(Multiaddr address) => inner.CanListen(address);

    public async ValueTask<IRawConnection> DialAsync(Multiaddr address, CancellationToken cancellation)
    {
        var raw = await inner.DialAsync(address, cancellation);
        return new FaultyConnection(raw, new Random(HashCode.Combine(seed, Interlocked.Increment(ref _dialed))));
    }

    public ValueTask<IRawListener> ListenAsync(Multiaddr address, CancellationToken cancellation) =>
        inner.ListenAsync(address, cancellation);
}

/// <summary>
/// Delivers in odd pieces, now and then late, and is cut after so many bytes. The delay is the fault itself; nothing waits for
/// it to have happened.
/// </summary>
internal sealed class FaultyConnection : IRawConnection
{
    private readonly IRawConnection _inner;
    private readonly Random _receiving;
    private readonly Random _sending;
    private long _untilCut;

    public FaultyConnection(IRawConnection inner, Random chance)
    {
        _inner = inner;
        _receiving = new Random(chance.Next());
        _sending = new Random(chance.Next());

        // One in eight is cut within its handshake or soon after, the others after some megabytes.
        _untilCut = chance.Next(8) == 0 ? chance.Next(1, 20_000) : chance.Next(1_000_000, 8_000_000);
    }

    public Multiaddr LocalAddress => _inner.LocalAddress;

    public Multiaddr RemoteAddress => _inner.RemoteAddress;

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        await MaybeLateAsync(_receiving, cancellation);
        var piece = _receiving.Next(16) == 0 ? Math.Min(buffer.Length, _receiving.Next(1, 40)) : buffer.Length;
        var count = await _inner.ReceiveAsync(buffer[..piece], cancellation);
        Spend(count);
        return count;
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await MaybeLateAsync(_sending, cancellation);
        if (bytes.Length > 1 && _sending.Next(16) == 0)
        {
            var first = _sending.Next(1, bytes.Length);
            await _inner.SendAsync(bytes[..first], cancellation);
            bytes = bytes[first..];
        }

        await _inner.SendAsync(bytes, cancellation);
        Spend(bytes.Length);
    }

    public void Abort() => _inner.Abort();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private static async ValueTask MaybeLateAsync(Random chance, CancellationToken cancellation)
    {
        if (chance.Next(200) == 0)
        {
            using var late = new PeriodicTimer(TimeSpan.FromMilliseconds(chance.Next(1, 4)));
            await late.WaitForNextTickAsync(cancellation);
        }
    }

    private void Spend(int bytes)
    {
        if (Interlocked.Add(ref _untilCut, -bytes) <= 0)
        {
            _inner.Abort();
        }
    }
}
