using Netabase.Transport.Connections;
using Netabase.Transport.Framing;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;

namespace Netabase.Transport.Identify;

/// <summary>
/// Asks every new connection who it is, answers the same question, and tells connected peers when our answer changes
/// (libp2p identify and identify push). Nothing a peer says is believed against what its handshake proved.
/// </summary>
internal sealed class IdentifyService
{
    public static readonly ProtocolId Id = new("/ipfs/id/1.0.0");
    public static readonly ProtocolId PushId = new("/ipfs/id/push/1.0.0");

    private readonly SwarmContext _context;
    private readonly SwarmRun _run;
    private readonly PeerBelief _belief;
    private readonly LocalIdentity _local;
    private readonly Bell _changed = new();
    private int _version;

    public IdentifyService(SwarmContext context, SwarmRun run)
    {
        _context = context;
        _run = run;
        External = new ObservedAddresses(context, () => run.ListenAddresses);
        _belief = new PeerBelief(context, run.Table, External);
        _local = new LocalIdentity(context);
    }

    public ObservedAddresses External { get; }

    private IdentifySettings Settings => _context.Options.Identify;

    /// <summary>Answers both protocols for whichever run is the current one.</summary>
    public static void Register(SwarmContext context, Func<SwarmRun?> current)
    {
        context.Handlers.Add(
            Id,
            (stream, stopping) => current()?.Identify.AnswerAsync((PeerStream)stream, stopping) ?? Task.CompletedTask,
            new StreamLimits(Total: 256, PerPeer: 4));
        context.Handlers.Add(
            PushId,
            (stream, stopping) => current()?.Identify.TakePushAsync((PeerStream)stream, stopping) ?? Task.CompletedTask,
            new StreamLimits(context.Options.Identify.ParallelPushes, PerPeer: 2));
    }

    /// <summary>Our answer has changed.</summary>
    public void Changed()
    {
        Interlocked.Increment(ref _version);
        _changed.Ring();
    }

    /// <summary>Identifies the peer of a new connection.</summary>
    public async Task RunAsync(SwarmConnection connection, CancellationToken stopping)
    {
        var version = Volatile.Read(ref _version);
        var succeeded = await TryAsync(connection, AskAsync, stopping).ConfigureAwait(false);
        if (succeeded && version != Volatile.Read(ref _version))
        {
            await PushAsync(connection, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Tells the connected peers after every change; changes that come meanwhile are told together.</summary>
    public async Task PushChangesAsync(CancellationToken stopping)
    {
        var bounds = new ParallelOptions { MaxDegreeOfParallelism = Settings.ParallelPushes, CancellationToken = stopping };
        while (true)
        {
            await _changed.HeardAsync(stopping).ConfigureAwait(false);
            var told = _run.Table.All.Where(connection => connection.IsIdentified).DistinctBy(connection => connection.Peer);
            await Parallel.ForEachAsync(told, bounds, async (connection, token) =>
                await PushAsync(connection, token).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    public void ExpireObserved()
    {
        if (External.Expire())
        {
            Changed();
        }
    }

    private async Task AskAsync(SwarmConnection connection, CancellationToken cancellation)
    {
        await using var stream = await connection.OpenStreamAsync([Id], cancellation).ConfigureAwait(false);
        await stream.CloseWriteAsync(cancellation).ConfigureAwait(false);
        var message = await ReadAsync(stream, cancellation).ConfigureAwait(false);
        Believe(connection, message, isPush: false);
    }

    private async Task AnswerAsync(PeerStream stream, CancellationToken stopping)
    {
        using var deadline = new Deadline(Settings.Timeout, _context.Time, stopping);
        await WriteAsync(stream, deadline.Token).ConfigureAwait(false);
    }

    private async Task TakePushAsync(PeerStream stream, CancellationToken stopping)
    {
        using var deadline = new Deadline(Settings.Timeout, _context.Time, stopping);
        Believe(stream.Owner, await ReadAsync(stream, deadline.Token).ConfigureAwait(false), isPush: true);
    }

    private async Task PushAsync(SwarmConnection connection, CancellationToken stopping)
    {
        if (_context.Peers.Protocols(connection.Peer).Contains(PushId))
        {
            await TryAsync(connection, TellAsync, stopping).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(SwarmConnection connection, CancellationToken cancellation)
    {
        await using var stream = await connection.OpenStreamAsync([PushId], cancellation).ConfigureAwait(false);
        await WriteAsync(stream, cancellation).ConfigureAwait(false);
    }

    private async Task WriteAsync(PeerStream stream, CancellationToken cancellation)
    {
        var message = _local.Describe(_run.AnnouncedAddresses, _context.Handlers.Protocols, stream.Connection.RemoteAddress);
        foreach (var frame in message.Encode())
        {
            await stream.WriteFrameAsync(frame, IdentifyMessage.MaxSent, cancellation).ConfigureAwait(false);
        }

        await stream.CloseWriteAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<IdentifyMessage> ReadAsync(PeerStream stream, CancellationToken cancellation)
    {
        using var reader = new FrameReader(stream, IdentifyMessage.MaxAccepted);
        var message = IdentifyMessage.Empty;
        for (var frames = 0; await reader.ReadAsync(cancellation).ConfigureAwait(false) is { } frame; frames++)
        {
            if (frames == IdentifyMessage.MaxFrames)
            {
                throw new TransportException(TransportError.LimitReached, $"The peer identifies in more than {IdentifyMessage.MaxFrames} frames.");
            }

            message = message.Merge(frame.Span, Settings);
        }

        return message;
    }

    private void Believe(SwarmConnection connection, IdentifyMessage message, bool isPush)
    {
        if (message.PublicKey is { } key && !(PublicKey.TryDecode(key.Span, out var said) && said.PeerId == connection.Peer))
        {
            var reason = new TransportException(TransportError.IdentityMismatch, "The peer identifies with another key than its handshake proved.");
            connection.Abort(CloseCause.Misbehaved, reason);
            throw reason;
        }

        if (_belief.Take(connection.Info, message, isPush))
        {
            Changed();
        }
    }

    /// <summary>One exchange within its deadline; what it meets is logged, and the connection goes on without it.</summary>
    private async Task<bool> TryAsync(
        SwarmConnection connection, Func<SwarmConnection, CancellationToken, Task> exchange, CancellationToken stopping)
    {
        using var deadline = new Deadline(Settings.Timeout, _context.Time, stopping);
        var succeeded = false;
        try
        {
            await exchange(connection, deadline.Token).ConfigureAwait(false);
            succeeded = true;
        }
        catch (Exception failure) when (failure is TransportException or OperationCanceledException)
        {
            NetworkLog.IdentifyFailed(_context.Log, connection.Peer, failure.Message);
        }

        if (exchange == AskAsync)
        {
            connection.IdentifyEnded(succeeded);
        }

        return succeeded;
    }
}
