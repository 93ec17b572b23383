using System.Collections.Immutable;
using System.Diagnostics;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Network;

/// <summary>The bound addresses of one run, and the way of an inbound connection from its first byte to the table.</summary>
internal sealed class Listeners(SwarmContext context, IReadOnlyList<IConnector> connectors, ConnectionGate gate, SwarmRun run)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Multiaddr, IConnectionListener> _bound = [];

    public ImmutableArray<Multiaddr> Addresses
    {
        get
        {
            lock (_gate)
            {
                return [.. _bound.Keys];
            }
        }
    }

    public async Task<Multiaddr> ListenAsync(Multiaddr address, CancellationToken cancellation)
    {
        var wanted = address.WithoutPeer();
        var connector = connectors.FirstOrDefault(candidate => candidate.CanListen(wanted))
            ?? throw new TransportException(TransportError.AddressUnusable, $"No transport can listen on {address}.");
        var listener = await connector.ListenAsync(wanted, cancellation).ConfigureAwait(false);
        lock (_gate)
        {
            _bound[listener.Address] = listener;
            context.Events.Publish(new NetworkEvent.Listening(listener.Address));
        }

        NetworkLog.Listening(context.Log, listener.Address);
        if (!run.Work.TryRun(stopping => AcceptAsync(listener, stopping)))
        {
            await CloseAsync(listener.Address).ConfigureAwait(false);
            throw new TransportException(TransportError.Stopped, "The network was stopped.");
        }

        return listener.Address;
    }

    public async Task<bool> CloseAsync(Multiaddr address)
    {
        if (!TryTake(address, null, out var listener))
        {
            return false;
        }

        await listener.DisposeAsync().ConfigureAwait(false);
        return true;
    }

    public async Task CloseAllAsync()
    {
        foreach (var address in Addresses)
        {
            await CloseAsync(address).ConfigureAwait(false);
        }
    }

    private bool TryTake(Multiaddr address, TransportError? error, out IConnectionListener listener)
    {
        lock (_gate)
        {
            if (!_bound.Remove(address, out listener!))
            {
                return false;
            }

            context.Events.Publish(new NetworkEvent.ListenClosed(address, error));
        }

        run.AddressesChanged();
        return true;
    }

    private async Task AcceptAsync(IConnectionListener listener, CancellationToken stopping)
    {
        try
        {
            while (await listener.AcceptAsync(stopping).ConfigureAwait(false) is { } inbound)
            {
                await AdmitAsync(inbound).ConfigureAwait(false);
            }
        }
        catch (TransportException failure)
        {
            await FailedAsync(listener, failure.Error, failure.Message).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Nobody expected it, and the scope is told; but an address on which nobody accepts must not be told as ours.
            await FailedAsync(listener, TransportError.ConnectionClosed, failure.Message).ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask FailedAsync(IConnectionListener listener, TransportError error, string reason)
    {
        NetworkLog.ListenFailed(context.Log, listener.Address, reason);
        if (TryTake(listener.Address, error, out _))
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Decides by the address alone; the handshake that follows runs beside the next accept.</summary>
    private async ValueTask AdmitAsync(IInboundConnection inbound)
    {
        var ticket = gate.TryEnterInbound(inbound.RemoteAddress, out var refusal);
        if (ticket is null)
        {
            Refused(inbound.RemoteAddress, null, refusal);
        }
        else if (run.Work.TryRun(stopping => UpgradeAsync(inbound, ticket, stopping)))
        {
            return;
        }

        ticket?.Dispose();
        try
        {
            await inbound.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // One connection that cannot even be refused must not end the listener.
            context.Unexpected(failure);
        }
    }

    private async Task UpgradeAsync(IInboundConnection inbound, ConnectionTicket ticket, CancellationToken stopping)
    {
        using var activity = TransportTelemetry.Activities.StartActivity("accept", ActivityKind.Server);
        activity?.SetTag("network.peer.address", inbound.RemoteAddress.ToString());
        using var deadline = new Deadline(context.Options.UpgradeTimeout, context.Time, stopping);
        UpgradedConnection? upgraded = null;
        try
        {
            upgraded = await inbound.UpgradeAsync(deadline.Token).ConfigureAwait(false);
            await run.AdoptAsync(upgraded, ticket).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            var error = failure switch
            {
                TransportException transport => transport.Error,
                OperationCanceledException => TransportError.TimedOut,
                _ => TransportError.ConnectionClosed,
            };
            activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
            ticket.Dispose();
            await inbound.DisposeAsync().ConfigureAwait(false);
            Refused(inbound.RemoteAddress, upgraded?.RemotePeer, error);
            if (failure is not (TransportException or OperationCanceledException))
            {
                // Its place is given back like every other one's, or a peer that finds such a case could use up all of them.
                throw;
            }
        }
    }

    private void Refused(Multiaddr remote, PeerId? peer, TransportError error)
    {
        TransportTelemetry.InboundRefused(error);
        NetworkLog.InboundRefused(context.Log, remote, error);
        context.Events.Publish(new NetworkEvent.InboundRefused(remote, peer, error));
    }
}
