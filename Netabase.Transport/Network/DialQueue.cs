using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Network;

/// <summary>
/// One dial per peer at a time, shared by everybody who waits for that peer. A dial whose last waiter gave up is given
/// up too. The number of peers being dialed or waiting for it is bounded.
/// </summary>
internal sealed class DialQueue(SwarmContext context, IReadOnlyList<IConnector> connectors, ConnectionGate gate, SwarmRun run) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, DialJob> _jobs = [];
    private readonly SemaphoreSlim _slots = new(context.Options.Dial.Parallel);
    private readonly DialBackoff _backoff = new(context.Options.Dial, context.Time);
    private readonly AddressNames _names = new(context);
    private int _addressDials;

    public int Queued
    {
        get
        {
            lock (_gate)
            {
                return _jobs.Count + _addressDials;
            }
        }
    }

    /// <summary>The connection to a peer, by a dial of our own or one already under way.</summary>
    public async Task<SwarmConnection> DialAsync(PeerId peer, IReadOnlyList<Multiaddr> given, CancellationToken cancellation)
    {
        if (peer == context.LocalPeer)
        {
            throw Failed(peer, new DialException(TransportError.AddressUnusable, "That peer is ourselves."));
        }

        if (!context.Options.Access.Admits(peer))
        {
            throw Failed(peer, new DialException(TransportError.Denied, $"The access rules do not admit {peer}."));
        }

        var addresses = given.Select(address => address.WithPeer(peer).WithoutPeer()).ToImmutableHashSet();
        while (true)
        {
            var job = JoinOrStart(peer, addresses, out var ours);
            try
            {
                return await job.Result.WaitAsync(cancellation).ConfigureAwait(false);
            }
            catch (DialException) when (!ours && !addresses.IsSubsetOf(job.Given))
            {
                // Somebody else's dial failed without having tried what we know; the next round is ours or as good.
            }
            finally
            {
                Leave(job);
            }
        }
    }

    /// <summary>Dials one address, of whomever it leads to.</summary>
    public async Task<SwarmConnection> DialAsync(Multiaddr address, CancellationToken cancellation)
    {
        var job = new DialJob(null, [address]);
        lock (_gate)
        {
            if (_jobs.Count + _addressDials >= context.Options.Dial.Queue)
            {
                throw QueueFull();
            }

            // The network owns this dial like every other one: a stop ends it, and is not over before it.
            if (!run.Work.TryRun(stopping => RunAsync(job, stopping)))
            {
                throw Stopped();
            }

            _addressDials++;
        }

        try
        {
            return await job.Result.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            job.GiveUp();
        }
    }

    /// <summary>
    /// A connection is there, by whatever way: whoever waits for that peer has what they wanted. The dial itself goes on to
    /// its end: were both ends to give up their dials because of the other's, none would be left.
    /// </summary>
    public void Connected(SwarmConnection connection)
    {
        lock (_gate)
        {
            if (_jobs.TryGetValue(connection.Peer, out var job))
            {
                job.Succeed(connection);
            }
        }
    }

    public bool IsBusyWith(PeerId peer)
    {
        lock (_gate)
        {
            return _jobs.TryGetValue(peer, out var job) && !job.Result.IsCompleted;
        }
    }

    public void Dispose() => _slots.Dispose();

    private DialJob JoinOrStart(PeerId peer, ImmutableHashSet<Multiaddr> given, out bool ours)
    {
        lock (_gate)
        {
            // A job that has its result is over for whoever comes now: its connection may have come and gone.
            ours = !_jobs.TryGetValue(peer, out var job) || job.Result.IsCompleted;
            if (ours && run.Table.Best(peer) is { } connected)
            {
                // A dial has come to its end since the caller looked.
                job = new DialJob(peer, given) { Waiters = 1 };
                job.Succeed(connected);
                return job;
            }

            if (ours)
            {
                if (_jobs.Count + _addressDials >= context.Options.Dial.Queue)
                {
                    throw QueueFull();
                }

                job = new DialJob(peer, given);
                _jobs[peer] = job;
            }

            job!.Waiters++;
            if (ours && !run.Work.TryRun(stopping => RunAsync(job, stopping)))
            {
                End(job);
                job.Fail(Stopped());
            }

            return job;
        }
    }

    private void Leave(DialJob job)
    {
        lock (_gate)
        {
            if (--job.Waiters > 0 || job.Result.IsCompleted)
            {
                return;
            }

            End(job);
        }

        job.GiveUp();
    }

    /// <summary>Under the lock: who asks from now on starts a new dial.</summary>
    private void End(DialJob job)
    {
        if (job.Peer is { } peer && _jobs.TryGetValue(peer, out var current) && current == job)
        {
            _jobs.Remove(peer);
        }
    }

    private async Task RunAsync(DialJob job, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, job.GivenUp);
        try
        {
            var known = (job.Peer is { } peer ? context.Peers.Addresses(peer) : [])
                .Concat(job.Given.Select(address => new PeerAddress(address, AddressSource.Configured, null)));
            var named = await _names.SpellOutAsync(known, job.Peer, either.Token).ConfigureAwait(false);
            var ranked = Usable(named, job.Peer, out var refusal);
            var connection = ranked.IsEmpty
                ? throw Failed(job.Peer, refusal)
                : await RaceAsync(job.Peer, ranked, either.Token).ConfigureAwait(false);
            job.Succeed(connection);
        }
        catch (OperationCanceledException)
        {
            job.Fail(stopping.IsCancellationRequested
                ? Stopped()
                : new DialException(TransportError.TimedOut, "Nobody waited for the dial any more."));
        }
        catch (TransportException failure)
        {
            job.Fail(failure as DialException ?? new DialException(failure.Error, failure.Message, inner: failure));
        }
        catch (Exception failure)
        {
            // Nobody expected it, and the scope is told; but those who wait must not wait for ever.
            job.Fail(new DialException(TransportError.ConnectionClosed, "The dial failed in a way nobody expected.", inner: failure));
            throw;
        }
        finally
        {
            lock (_gate)
            {
                End(job);
                if (job.Peer is null)
                {
                    _addressDials--;
                }
            }
        }
    }

    /// <summary>What may be dialed now, best first; when that is nothing, why.</summary>
    private ImmutableArray<Multiaddr> Usable(IEnumerable<PeerAddress> known, PeerId? peer, out DialException refusal)
    {
        var own = run.ListenAddresses;
        var ranked = AddressRanking.Rank(known, connectors, int.MaxValue).RemoveAll(address => own.Contains(address.WithoutPeer()));
        var admitted = ranked.RemoveAll(address => !context.Options.Access.Admits(address));
        var rested = admitted.RemoveAll(address => Until(peer, address) is not null);
        refusal = (ranked, admitted, rested) switch
        {
            ({ IsEmpty: true }, _, _) => new DialException(
                TransportError.AddressUnusable, peer is null ? "No transport can dial that address." : $"No usable address of {peer} is known."),
            (_, { IsEmpty: true }, _) => new DialException(TransportError.Denied, "The access rules admit none of its addresses."),
            _ => new DialException(TransportError.BackingOff, "Its addresses failed a moment ago.")
            {
                RetryAt = admitted.Min(address => Until(peer, address)),
            },
        };
        return rested.Length > context.Options.Dial.AddressesPerPeer ? rested[..context.Options.Dial.AddressesPerPeer] : rested;
    }

    private DateTimeOffset? Until(PeerId? peer, Multiaddr address) => peer is { } known ? _backoff.Until(known, address) : null;

    private async Task<SwarmConnection> RaceAsync(PeerId? peer, ImmutableArray<Multiaddr> addresses, CancellationToken cancellation)
    {
        var ticket = gate.TryEnterOutbound()
            ?? throw Failed(peer, new DialException(TransportError.LimitReached, "The limit of outbound connections is reached."));
        UpgradedConnection? winner = null;
        try
        {
            var race = new AddressRace(connectors, context.Options.Dial, _slots, context.Time);
            var expected = peer ?? addresses[0].Peer;
            (winner, var address, var failures) = await race.RunAsync(expected, addresses, cancellation).ConfigureAwait(false);
            Remember(expected, failures);
            if (winner is null)
            {
                throw Failed(peer, DialException.AllFailed(peer, failures));
            }

            var connection = await run.AdoptAsync(winner, ticket).ConfigureAwait(false);
            _backoff.Succeeded(connection.Peer);
            context.Peers.AddAddresses(connection.Peer, [address.WithoutPeer()], PeerStore.Permanent, AddressSource.Connected);
            return connection;
        }
        catch (Exception)
        {
            ticket.Dispose();
            throw;
        }
    }

    private void Remember(PeerId? peer, ImmutableArray<DialFailure> failures)
    {
        if (peer is not { } known)
        {
            return;
        }

        foreach (var failure in failures)
        {
            _backoff.Failed(known, failure.Address);
            if (failure.Error == TransportError.IdentityMismatch)
            {
                context.Peers.RemoveAddress(known, failure.Address);
            }
        }
    }

    private DialException Failed(PeerId? peer, DialException failure)
    {
        NetworkLog.DialFailed(context.Log, peer, failure.Message);
        context.Events.Publish(new NetworkEvent.DialFailed(peer, failure.Error, failure.Failures));
        return failure;
    }

    private static DialException Stopped() => new(TransportError.Stopped, "The network was stopped.");

    private static DialException QueueFull() => new(TransportError.LimitReached, "Too many peers are being dialed already.");
}

/// <summary>A dial under way and those who wait for it.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without timer, link or wait handle holds nothing to dispose of.")]
internal sealed class DialJob(PeerId? peer, ImmutableHashSet<Multiaddr> given)
{
    private readonly TaskCompletionSource<SwarmConnection> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _givenUp = new();

    /// <summary>Null for a dial of whomever one address leads to.</summary>
    public PeerId? Peer { get; } = peer;

    /// <summary>The addresses that were asked for in addition to what the peer store knows.</summary>
    public ImmutableHashSet<Multiaddr> Given { get; } = given;

    /// <summary>Guarded by the queue.</summary>
    public int Waiters { get; set; }

    public Task<SwarmConnection> Result => _result.Task;

    public CancellationToken GivenUp => _givenUp.Token;

    public void Succeed(SwarmConnection connection) => _result.TrySetResult(connection);

    /// <summary>Every waiter may have left: then nobody is there to see the failure, and it is no surprise.</summary>
    public void Fail(DialException failure)
    {
        _result.TrySetException(failure);
        _ = _result.Task.Exception;
    }

    public void GiveUp() => _givenUp.Cancel();
}
