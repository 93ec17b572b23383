using System.Diagnostics.CodeAnalysis;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Multistream;

namespace Netabase.Transport.Network;

/// <summary>One open connection: accepts the peer's streams, opens ours, and owns every task that serves them.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing to dispose of.")]
internal sealed class SwarmConnection
{
    private readonly SwarmContext _context;
    private readonly UpgradedConnection _upgraded;
    private readonly ConnectionTicket _ticket;
    private readonly TaskScope _work;
    private readonly TaskCompletionSource _removed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastActive;
    private readonly SemaphoreSlim _negotiations;
    private int _cause = -1;

    public SwarmConnection(SwarmContext context, UpgradedConnection upgraded, ConnectionTicket ticket)
    {
        _context = context;
        _upgraded = upgraded;
        _ticket = ticket;
        _work = new TaskScope(context.Unexpected);
        _negotiations = new SemaphoreSlim(context.Options.Limits.PendingStreamsPerConnection);
        Info = new ConnectionInfo(
            context.NextConnection(),
            upgraded.RemotePeer,
            upgraded.Role == ConnectionRole.Dialer ? Direction.Outbound : Direction.Inbound,
            upgraded.LocalAddress,
            upgraded.RemoteAddress.WithoutPeer(),
            upgraded.Security,
            upgraded.Muxer,
            context.Time.GetUtcNow());
        Touch();
    }

    public ConnectionInfo Info { get; }

    public PeerId Peer => Info.Peer;

    public PublicKey RemoteKey => _upgraded.RemoteKey;

    public int StreamCount => _upgraded.Muxed.StreamCount;

    /// <summary>Whether Identify has completed on it.</summary>
    public bool IsIdentified { get; private set; }

    /// <summary>Another connection to the same peer is preferred; this one goes once nothing uses it.</summary>
    public bool IsSuperseded { get; set; }

    public bool IsClosing => _work.Stopping.IsCancellationRequested || _upgraded.Muxed.Ended.IsCompleted;

    /// <summary>Completes once the connection is out of the table and its events are told.</summary>
    public Task Removed => _removed.Task;

    /// <summary>Who or what ended it; the peer, unless we began.</summary>
    public CloseCause Cause => Volatile.Read(ref _cause) is var cause and >= 0 ? (CloseCause)cause : CloseCause.Remote;

    public TimeSpan IdleFor => StreamCount > 0 ? TimeSpan.Zero : _context.Time.GetElapsedTime(Volatile.Read(ref _lastActive));

    public ConnectionStatus Status =>
        new(Info, StreamCount, _upgraded.Muxed.RoundTrip, IsIdentified, _context.Protections.Covers(Peer));

    /// <summary>Somebody has just used it.</summary>
    public void Touch() => Volatile.Write(ref _lastActive, _context.Time.GetTimestamp());

    /// <summary>Identify is over; it has a result when <paramref name="succeeded"/>.</summary>
    public void IdentifyEnded(bool succeeded)
    {
        IsIdentified |= succeeded;
        _ticket.Identified();
    }

    /// <summary>Runs work that ends with the connection.</summary>
    public bool TryRun(Func<CancellationToken, Task> work) => _work.TryRun(work);

    /// <summary>Serves the connection from its first to its last moment.</summary>
    /// <param name="ended">Told as soon as no stream can be opened any more, before the handlers have wound up.</param>
    public async Task RunAsync(Action<ConnectionEnd> ended)
    {
        _work.TryRun(AcceptStreamsAsync);
        var end = await _upgraded.Muxed.Ended.ConfigureAwait(false);
        ended(end);
        _removed.TrySetResult();
        await _work.CancelAsync().ConfigureAwait(false);
        await WaitForHandlersAsync().ConfigureAwait(false);
        await _upgraded.Muxed.DisposeAsync().ConfigureAwait(false);
        _ticket.Dispose();
    }

    /// <summary>
    /// A handler that hears neither its token nor its dead stream must not hold the network's stop for ever: after a while it is told
    /// about and left alone. It keeps its place among its protocol's streams until it ends.
    /// </summary>
    private async Task WaitForHandlersAsync()
    {
        using var deadline = new Deadline(_context.Options.AbandonAfter, _context.Time, CancellationToken.None);
        try
        {
            await _work.WaitAsync().WaitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            var left = _work.Running;
            TransportTelemetry.HandlersAbandoned(left);
            NetworkLog.HandlersAbandoned(_context.Log, left, Peer, _context.Options.AbandonAfter.TotalSeconds);
        }
    }

    /// <summary>
    /// Lets the handlers wind up for as long as the network's grace allows, says goodbye, and returns once the connection is
    /// out of the table; when cancelled it cuts.
    /// </summary>
    public async Task CloseAsync(CloseCause cause, CancellationToken cancellation)
    {
        Interlocked.CompareExchange(ref _cause, (int)cause, -1);
        using var deadline = new Deadline(_context.Options.CloseGrace, _context.Time, cancellation);
        try
        {
            await _work.CancelAsync().ConfigureAwait(false);
            await _work.WaitAsync().WaitAsync(deadline.Token).ConfigureAwait(false);
            await _upgraded.Muxed.CloseAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is OperationCanceledException or TransportException or ObjectDisposedException)
        {
            _upgraded.Muxed.Abort(new TransportException(TransportError.ConnectionClosed, "The connection was cut after its grace."));
        }

        await _removed.Task.ConfigureAwait(false);
    }

    /// <summary>Cuts at once, for a peer that breaks the rules.</summary>
    public void Abort(CloseCause cause, TransportException reason)
    {
        Interlocked.CompareExchange(ref _cause, (int)cause, -1);
        _upgraded.Muxed.Abort(reason);
    }

    /// <summary>
    /// Opens a stream. A single protocol of a peer not identified yet, or one that the peer says it answers, is proposed
    /// together with the first data; else the peer is asked first.
    /// </summary>
    public async ValueTask<PeerStream> OpenStreamAsync(IReadOnlyList<ProtocolId> protocols, CancellationToken cancellation)
    {
        using var deadline = new Deadline(_context.Options.NewStreamTimeout, _context.Time, cancellation);
        IMuxedStream? stream = null;
        try
        {
            stream = await _upgraded.Muxed.OpenAsync(deadline.Token).ConfigureAwait(false);
            var negotiated = Known(protocols) is { } protocol
                ? StreamSelection.Propose(stream, protocol)
                : await StreamSelection.SelectAsync(stream, protocols, deadline.Token).ConfigureAwait(false);
            Touch();
            return new PeerStream(negotiated, this, Direction.Outbound);
        }
        catch (Exception failure)
        {
            if (stream is not null)
            {
                stream.Reset();
                await stream.DisposeAsync().ConfigureAwait(false);
            }

            if (failure is OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                throw new TransportException(TransportError.TimedOut, $"{Peer} did not take a stream in time.", failure);
            }

            throw;
        }
    }

    private ProtocolId? Known(IReadOnlyList<ProtocolId> protocols)
    {
        if (!IsIdentified)
        {
            return protocols.Count == 1 ? protocols[0] : null;
        }

        var answered = _context.Peers.Protocols(Peer);
        foreach (var protocol in protocols)
        {
            if (answered.Contains(protocol))
            {
                return protocol;
            }
        }

        return null;
    }

    private async Task AcceptStreamsAsync(CancellationToken stopping)
    {
        while (true)
        {
            // A peer that opens streams and says nothing on them waits for its own time-outs; the muxer bounds what waits behind.
            await _negotiations.WaitAsync(stopping).ConfigureAwait(false);
            if (await _upgraded.Muxed.AcceptAsync(stopping).ConfigureAwait(false) is not { } stream)
            {
                return;
            }

            if (!_work.TryRun(token => ServeStreamAsync(stream, token)))
            {
                await RefuseAsync(stream, TransportError.Stopped).ConfigureAwait(false);
                return;
            }
        }
    }

    private async Task ServeStreamAsync(IMuxedStream stream, CancellationToken stopping)
    {
        NegotiatedStream? negotiated;
        try
        {
            negotiated = await NegotiateAsync(stream, stopping).ConfigureAwait(false);
        }
        finally
        {
            _negotiations.Release();
        }

        if (negotiated is null)
        {
            return;
        }

        using var lease = await _context.Handlers.EnterAsync(
            negotiated.Protocol, Peer, _context.Options.PlaceGrace, _context.Time, stopping).ConfigureAwait(false);
        if (lease is null)
        {
            await RefuseAsync(stream, TransportError.LimitReached).ConfigureAwait(false);
            return;
        }

        Touch();
        await using var served = new PeerStream(negotiated, this, Direction.Inbound);
        try
        {
            await lease.Handler(served, stopping).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A handler is the application's; whatever it throws, its stream is reset and the connection goes on.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            served.Reset();
            if (!stopping.IsCancellationRequested)
            {
                NetworkLog.HandlerFailed(_context.Log, served.Protocol.Name, Peer, failure);
            }
        }
    }

    /// <summary>Agrees on a protocol in time; null when the stream is gone.</summary>
    private async Task<NegotiatedStream?> NegotiateAsync(IMuxedStream stream, CancellationToken stopping)
    {
        using var deadline = new Deadline(_context.Options.NegotiationTimeout, _context.Time, stopping);
        try
        {
            return await StreamSelection.AcceptAsync(stream, _context.Handlers.Table, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is TransportException or OperationCanceledException)
        {
            var error = failure is TransportException transport ? transport.Error : TransportError.TimedOut;
            await RefuseAsync(stream, error).ConfigureAwait(false);
            return null;
        }
    }

    private static async ValueTask RefuseAsync(IMuxedStream stream, TransportError error)
    {
        TransportTelemetry.StreamRefused(error);
        stream.Reset();
        await stream.DisposeAsync().ConfigureAwait(false);
    }
}
