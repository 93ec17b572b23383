using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Framing;

/// <summary>The bounds of a <see cref="FramedChannel"/>.</summary>
/// <param name="MaxFrame">Bytes in one frame, both ways.</param>
/// <param name="MaxQueued">Bytes that wait to be sent; beyond it <see cref="FramedChannel.TrySend"/> says no.</param>
/// <param name="WriteTimeout">How long one write may wait for a peer that does not read.</param>
public sealed record FramedChannelLimits(int MaxFrame, int MaxQueued, TimeSpan WriteTimeout)
{
    /// <summary>1 MiB frames, 4 MiB queued, 30 s.</summary>
    public static FramedChannelLimits Default { get; } = new(1 << 20, 4 << 20, TimeSpan.FromSeconds(30));
}

/// <summary>
/// A long-lived conversation in frames over one stream, for parties that send whenever they have something to say
/// (consensus). Sending never waits for the peer: frames are copied into a bounded buffer, and whatever gathered while the last
/// write was under way leaves in the next one. The owner runs <see cref="RunAsync"/> and reads with <see cref="ReadAsync"/>.
/// </summary>
public sealed class FramedChannel : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly IMuxedStream _stream;
    private readonly FrameReader _reader;
    private readonly FramedChannelLimits _limits;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private SendBuffer _filling = new();
    private SendBuffer _leaving = new();
    private bool _awake;
    private bool _ended;

    /// <summary>Takes the stream over; disposing the channel disposes it.</summary>
    public FramedChannel(IMuxedStream stream, FramedChannelLimits? limits = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _limits = limits ?? FramedChannelLimits.Default;
        _stream = stream;
        _reader = new FrameReader(stream, _limits.MaxFrame);
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Bytes that wait to be sent or are being sent.</summary>
    public int Queued
    {
        get
        {
            lock (_gate)
            {
                return _filling.Length + _leaving.Length;
            }
        }
    }

    /// <summary>Queues a copy of one frame, in order.</summary>
    /// <returns>False when the queue has no room for it or the channel has ended: nothing was queued, and the caller decides.</returns>
    /// <exception cref="ArgumentException">The frame is longer than the cap.</exception>
    public bool TrySend(ReadOnlySpan<byte> frame)
    {
        if (frame.Length > _limits.MaxFrame)
        {
            throw new ArgumentException($"A frame of {frame.Length} bytes exceeds the cap of {_limits.MaxFrame}.", nameof(frame));
        }

        lock (_gate)
        {
            var size = UVarint.LengthOf((ulong)frame.Length) + frame.Length;
            if (_ended || _filling.Length + _leaving.Length + size > _limits.MaxQueued)
            {
                return false;
            }

            _filling.AppendFrame(frame);
            if (!_awake)
            {
                _awake = true;
                _wake.Release();
            }

            return true;
        }
    }

    /// <summary>The next frame of the peer, valid until the next call, or null when the peer has closed its side.</summary>
    /// <exception cref="TransportException">The stream failed or carries what is no frame.</exception>
    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellation = default) => _reader.ReadAsync(cancellation);

    /// <summary>Sends what is queued, until cancelled. Run it once, beside the reading.</summary>
    /// <exception cref="TransportException">The stream failed, or the peer did not read for <see cref="FramedChannelLimits.WriteTimeout"/>.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await _wake.WaitAsync(cancellation).ConfigureAwait(false);
                await SendGatheredAsync(cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        finally
        {
            End();
        }
    }

    /// <summary>Closes the stream and gives the buffers back. The owner has awaited <see cref="RunAsync"/> and its reading.</summary>
    public async ValueTask DisposeAsync()
    {
        End();
        await _stream.DisposeAsync().ConfigureAwait(false);
        _reader.Dispose();
        lock (_gate)
        {
            _filling.Release();
            _leaving.Release();
        }

        _wake.Dispose();
    }

    private async ValueTask SendGatheredAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            _awake = false;
            (_filling, _leaving) = (_leaving, _filling);
        }

        using var deadline = new Deadline(_limits.WriteTimeout, _time, cancellation);
        try
        {
            await _stream.WriteAsync(_leaving.Written, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw new TransportException(TransportError.TimedOut, $"The peer took nothing for {_limits.WriteTimeout.TotalSeconds:0} s.");
        }

        lock (_gate)
        {
            _leaving.Clear();
        }
    }

    private void End()
    {
        lock (_gate)
        {
            _ended = true;
        }
    }
}
