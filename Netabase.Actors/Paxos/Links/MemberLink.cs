using Netabase.Transport;
using Netabase.Transport.Framing;
using Netabase.Transport.Network;

namespace Netabase.Actors.Paxos.Links;

/// <summary>
/// One stream of a pair, opened anew after a while whenever it has ended. Both sides dial, since a network that failed to dial
/// leaves the peer alone for seconds, and whoever comes back is the first to know; the stream is opened by one of them.
/// </summary>
internal sealed class MemberLink(
    IPeerNetwork network, string group, LinkMember member, LinkLane lane, LinkSettings settings, LinkReceiver receive, TimeProvider time)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly FramedChannelLimits _limits = new(settings.FrameMax, settings.QueueBytesMax, settings.WriteTimeout);
    private volatile Conversation? _current;
    private Task _running = Task.CompletedTask;

    /// <summary>Whether a stream is open.</summary>
    public bool IsOpen => _current is not null;

    // One of the two has to begin, or both would, and each would end the other's.
    private bool IsOpener => network.LocalPeer.Multihash < member.Peer.Multihash;

    public void Begin() => _running = Task.Run(KeepOpenAsync);

    /// <summary>Ends the stream; completes once nothing runs any more. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        _current?.Stop();
        await _running.ConfigureAwait(false);
    }

    public bool TrySend(ReadOnlySpan<byte> frame) => _current is { } current && current.Channel.TrySend(frame);

    /// <summary>Serves a stream that the member opened; an older one ends.</summary>
    public async Task AcceptAsync(IPeerStream stream, CancellationToken cancellation)
    {
        if (IsOpener)
        {
            PaxosMetrics.Refused("wrong-opener");
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _end.Token);
        await ConverseAsync(stream, either.Token).ConfigureAwait(false);
    }

    private async Task KeepOpenAsync()
    {
        var wait = settings.RetryMin;
        while (!_end.IsCancellationRequested)
        {
            var begun = time.GetTimestamp();
            try
            {
                await (IsOpener ? OpenAndConverseAsync() : DialAsync()).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is TransportException or OperationCanceledException or InvalidOperationException or RecordFormatException)
            {
                // The next attempt tells whether it has passed.
            }

            wait = time.GetElapsedTime(begun) > settings.RetryMax ? settings.RetryMin : TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, settings.RetryMax.Ticks));
            await PauseAsync(wait).ConfigureAwait(false);
        }
    }

    private async Task DialAsync()
    {
        if (IsOpen)
        {
            return;
        }

        using var deadline = new CancellationTokenSource(settings.HelloTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _end.Token);
        await network.ConnectAsync(member.Peer, member.Addresses, either.Token).ConfigureAwait(false);
    }

    private async Task OpenAndConverseAsync()
    {
        using var deadline = new CancellationTokenSource(settings.HelloTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _end.Token);
        await network.ConnectAsync(member.Peer, member.Addresses, either.Token).ConfigureAwait(false);
        var stream = await network.OpenStreamAsync(member.Peer, [LinkDoor.Protocol], either.Token).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await stream.WriteFrameAsync(new LinkHello(LinkHello.CurrentVersion, group, lane).Encode(), LinkHello.BytesMax, either.Token).ConfigureAwait(false);
            await ConverseAsync(stream, _end.Token).ConfigureAwait(false);
        }
    }

    private async Task ConverseAsync(IPeerStream stream, CancellationToken cancellation)
    {
        var channel = new FramedChannel(stream, _limits, time);
        await using (channel.ConfigureAwait(false))
        {
            using var conversation = new Conversation(channel, cancellation);
            Interlocked.Exchange(ref _current, conversation)?.Stop();
            try
            {
                await conversation.RunAsync(frame => receive(member.Peer, lane, frame)).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.CompareExchange(ref _current, null, conversation);
            }
        }
    }

    private async Task PauseAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, time, _end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>One stream's two loops, which end together.</summary>
    private sealed class Conversation(FramedChannel channel, CancellationToken cancellation) : IDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        public FramedChannel Channel => channel;

        public void Stop()
        {
            try
            {
                _stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has ended by itself meanwhile.
            }
        }

        public async Task RunAsync(Func<ReadOnlyMemory<byte>, ValueTask> receive)
        {
            var sending = channel.RunAsync(_stop.Token);
            var reading = ReadAsync(receive);
            await Task.WhenAny(sending, reading).ConfigureAwait(false);
            await _stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(sending, reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        public void Dispose() => _stop.Dispose();

        private async Task ReadAsync(Func<ReadOnlyMemory<byte>, ValueTask> receive)
        {
            while (await channel.ReadAsync(_stop.Token).ConfigureAwait(false) is { } frame)
            {
                await receive(frame).ConfigureAwait(false);
            }
        }
    }
}
