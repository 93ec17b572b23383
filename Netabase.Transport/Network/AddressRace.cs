using System.Collections.Immutable;
using System.Diagnostics;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Network;

/// <summary>How one address did.</summary>
internal sealed record Attempt(Multiaddr Address, UpgradedConnection? Connection, DialFailure? Failure);

/// <summary>
/// Tries ranked addresses, each a little after the one before it, or at once when that one failed; the first connection
/// wins and the other attempts are cut off and awaited before this returns.
/// </summary>
internal sealed class AddressRace(
    IReadOnlyList<IConnector> connectors, DialSettings settings, SemaphoreSlim slots, TimeProvider time)
{
    public async Task<(UpgradedConnection? Winner, Multiaddr Address, ImmutableArray<DialFailure> Failures)> RunAsync(
        PeerId? expected, ImmutableArray<Multiaddr> addresses, CancellationToken cancellation)
    {
        var failures = ImmutableArray.CreateBuilder<DialFailure>();
        var running = new List<Task<Attempt>>();
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var next = 0;
        try
        {
            while (next < addresses.Length || running.Count > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                if (next < addresses.Length && running.Count < settings.ParallelPerPeer)
                {
                    running.Add(TryAsync(addresses[next++], expected, others.Token));
                }

                if (await NextResultAsync(running, next < addresses.Length, others.Token).ConfigureAwait(false) is not { } done)
                {
                    continue;
                }

                running.Remove(done);
                var attempt = await done.ConfigureAwait(false);
                if (attempt.Connection is { } winner)
                {
                    return (winner, attempt.Address, failures.ToImmutable());
                }

                failures.Add(attempt.Failure!);
            }

            // Attempts that were called off did not fail: nothing is to be remembered against their addresses.
            cancellation.ThrowIfCancellationRequested();
            return (null, default, failures.ToImmutable());
        }
        finally
        {
            await others.CancelAsync().ConfigureAwait(false);
            await DiscardAsync(running).ConfigureAwait(false);
        }
    }

    /// <summary>The first attempt to end, or null when it is time to start one more beside it.</summary>
    private async Task<Task<Attempt>?> NextResultAsync(List<Task<Attempt>> running, bool more, CancellationToken cancellation)
    {
        if (!more || running.Count >= settings.ParallelPerPeer)
        {
            return await Task.WhenAny(running).ConfigureAwait(false);
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var stagger = Task.Delay(settings.Stagger, time, enough.Token);
        var first = await Task.WhenAny([.. running, stagger]).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        return first as Task<Attempt>;
    }

    private async Task<Attempt> TryAsync(Multiaddr address, PeerId? expected, CancellationToken cancellation)
    {
        var local = AddressScope.ReachOf(address) is AddressReach.Machine or AddressReach.Local;
        var timeout = local ? settings.LocalAttemptTimeout : settings.AttemptTimeout;
        try
        {
            await slots.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new Attempt(address, null, new DialFailure(address, TransportError.TimedOut, "The dial was given up."));
        }

        using var activity = TransportTelemetry.Activities.StartActivity("dial", ActivityKind.Client);
        activity?.SetTag("network.peer.address", address.ToString());
        try
        {
            using var deadline = new Deadline(timeout, time, cancellation);
            var index = AddressRanking.ConnectorIndex(connectors, address);
            var connection = await connectors[index].DialAsync(address, expected, deadline.Token).ConfigureAwait(false);
            return new Attempt(address, connection, null);
        }
        catch (OperationCanceledException)
        {
            return Failed(activity, address, TransportError.TimedOut, $"No connection within {timeout.TotalSeconds:0.#} s.");
        }
        catch (TransportException failure)
        {
            return Failed(activity, address, failure.Error, failure.Message);
        }
        finally
        {
            slots.Release();
        }
    }

    private static Attempt Failed(Activity? activity, Multiaddr address, TransportError error, string message)
    {
        activity?.SetStatus(ActivityStatusCode.Error, message);
        TransportTelemetry.DialFailed(error);
        return new Attempt(address, null, new DialFailure(address, error, message));
    }

    /// <summary>Attempts that lost, some of which may have connected in the same moment.</summary>
    private static async Task DiscardAsync(List<Task<Attempt>> losers)
    {
        foreach (var attempt in await Task.WhenAll(losers).ConfigureAwait(false))
        {
            if (attempt.Connection is { } late)
            {
                await late.Muxed.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
